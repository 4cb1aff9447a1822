package dev.workerfarm.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.PropertyName;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.AnnotationCollector;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.introspect.VirtualAnnotatedMember;
import com.fasterxml.jackson.databind.ser.VirtualBeanPropertyWriter;
import com.fasterxml.jackson.databind.util.SimpleBeanPropertyDefinition;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Sealed types: an object says by the name {@value #NAME} which of the permitted classes it is, by simple name. A message can
 * choose among these classes and name no other. A constant of a permitted enum is its text. Stateless.
 */
final class SealedTypes {
    /** No record's component can have this name. */
    static final String NAME = "@type";

    private SealedTypes() {}

    /** Whether a value of this type is read by {@link Value}. */
    static boolean isChoice(Class<?> type) {
        return isSealed(type) && Modifier.isAbstract(type.getModifiers());
    }

    /**
     * The name by which sealed types above a class know it; null if there is none. Throws IllegalArgumentException if one
     * of them does not: another class has the same simple name, or the class is below a non-sealed one.
     */
    static @Nullable String nameOf(Class<?> type) {
        return isBelowSealed(type, type) ? type.getSimpleName() : null;
    }

    private static boolean isBelowSealed(Class<?> type, @Nullable Class<?> above) {
        if (above == null) {
            return false;
        }
        var below = isBelowSealed(type, above.getSuperclass());
        for (var each : above.getInterfaces()) {
            below |= isBelowSealed(type, each);
        }
        if (!isChoice(above)) {
            return below;
        }
        if (permitted(above).get(type.getSimpleName()) != type) {
            throw new IllegalArgumentException(type.getName() + " is not among the classes that " + above.getName()
                    + " permits: a class below a non-sealed one cannot travel");
        }
        return true;
    }

    /** The classes of a sealed type and of the sealed types below it, by simple name. */
    private static Map<String, Class<?>> permitted(Class<?> sealed) {
        Map<String, Class<?>> byName = new TreeMap<>();
        collect(sealed, byName);
        return byName;
    }

    private static void collect(Class<?> sealed, Map<String, Class<?>> byName) {
        for (var each : sealed.getPermittedSubclasses()) {
            if (isSealed(each)) {
                collect(each, byName);
            }
            if (!Modifier.isAbstract(each.getModifiers()) || each.isEnum()) {
                var other = byName.put(each.getSimpleName(), each);
                if (other != null && other != each) {
                    throw new IllegalArgumentException(sealed.getName() + " permits two classes of the name "
                            + each.getSimpleName() + ": give one another name");
                }
            }
        }
    }

    /** An enum whose constants have bodies is sealed as well. */
    private static boolean isSealed(Class<?> type) {
        return type.isSealed() && !type.isEnum() && !type.getName().startsWith("java.");
    }

    /** The name as a property of an object that is written. */
    static final class Name extends VirtualBeanPropertyWriter {
        private static final long serialVersionUID = 1L;

        private final String name;

        private Name(BeanPropertyDefinition definition, JavaType type, String name) {
            super(definition, AnnotationCollector.emptyAnnotations(), type);
            this.name = name;
        }

        static Name of(String name, SerializationConfig config, BeanDescription bean) {
            var type = config.constructType(String.class);
            var member = new VirtualAnnotatedMember(bean.getClassInfo(), bean.getBeanClass(), NAME, type);
            return new Name(
                    SimpleBeanPropertyDefinition.construct(config, member, PropertyName.construct(NAME)), type, name);
        }

        @Override
        protected Object value(Object bean, JsonGenerator json, SerializerProvider provider) {
            return name;
        }

        @Override
        public VirtualBeanPropertyWriter withConfig(
                MapperConfig<?> config, AnnotatedClass owner, BeanPropertyDefinition definition, JavaType type) {
            throw new IllegalStateException("made by of() alone");
        }
    }

    static final class Value extends StdDeserializer<Object> {
        private static final long serialVersionUID = 1L;

        private final transient Map<String, Class<?>> permitted;

        Value(JavaType type) {
            super(type);
            this.permitted = permitted(type.getRawClass());
        }

        @Override
        public @Nullable Object deserialize(JsonParser json, DeserializationContext context) throws IOException {
            if (json.hasToken(JsonToken.VALUE_STRING)) {
                return constant(json, context);
            }
            if (!json.hasToken(JsonToken.START_OBJECT)) {
                return context.handleUnexpectedToken(getValueType(), json);
            }
            @Nullable String name = null;
            try (var components = context.bufferForInputBuffering(json)) {
                components.writeStartObject();
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    if (json.currentName().equals(NAME)) {
                        json.nextToken();
                        name = json.getValueAsString();
                        json.skipChildren();
                    } else {
                        components.copyCurrentStructure(json);
                    }
                }
                components.writeEndObject();
                var chosen = name == null ? null : permitted.get(name);
                if (chosen == null || chosen.isEnum()) {
                    return refuse(context, name == null ? "an object without one" : "'" + name + "'");
                }
                var values = new Decimals.Typed(components.asParser());
                values.nextToken();
                return context.findRootValueDeserializer(context.constructSpecializedType(getValueType(), chosen))
                        .deserialize(values, context);
            }
        }

        private @Nullable Object constant(JsonParser json, DeserializationContext context) throws IOException {
            var name = json.getText();
            var constants = permitted.values().stream()
                    .filter(Class::isEnum)
                    .flatMap(each -> Arrays.stream(each.getEnumConstants()))
                    .filter(each -> ((Enum<?>) each).name().equals(name))
                    .toList();
            return constants.size() == 1 ? constants.get(0) : refuse(context, "the text '" + name + "'");
        }

        private @Nullable Object refuse(DeserializationContext context, String given) throws IOException {
            return context.reportInputMismatch(
                    this,
                    "\"%s\" of %s is one of %s, not %s",
                    NAME,
                    _valueClass.getSimpleName(),
                    permitted.keySet(),
                    given);
        }
    }
}

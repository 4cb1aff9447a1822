package dev.workerfarm.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBuilder;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.Deserializers;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import com.fasterxml.jackson.databind.ser.Serializers;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells Jackson of {@link IsoTimes} and {@link SealedTypes}. */
final class JavaTypes extends SimpleModule {
    private static final long serialVersionUID = 1L;

    @Override
    public void setupModule(SetupContext context) {
        super.setupModule(context);
        context.addSerializers(new Writers());
        context.addKeySerializers(new Names());
        context.addDeserializers(new Readers());
        context.addKeyDeserializers((type, config, description) -> {
            var parser = IsoTimes.parser(type.getRawClass());
            return parser == null ? null : new IsoTimes.Key(type.getRawClass(), parser);
        });
        context.addBeanSerializerModifier(new NameWritten());
        context.addBeanDeserializerModifier(new NameIgnored());
    }

    private static final class Writers extends Serializers.Base {
        @Override
        public @Nullable JsonSerializer<?> findSerializer(
                SerializationConfig config, JavaType type, BeanDescription description) {
            return IsoTimes.parser(type.getRawClass()) == null ? null : ToStringSerializer.instance;
        }
    }

    /** Refuses what no reader can make of a name: Jackson would write its toString(). */
    private static final class Names extends Serializers.Base {
        @Override
        public @Nullable JsonSerializer<?> findSerializer(
                SerializationConfig config, JavaType type, BeanDescription description) {
            return isName(type.getRawClass()) ? null : new RefusedName();
        }

        private static boolean isName(Class<?> type) {
            return Enum.class.isAssignableFrom(type)
                    || (type.getName().startsWith("java.")
                            && !Collection.class.isAssignableFrom(type)
                            && !Map.class.isAssignableFrom(type)
                            && type != Optional.class)
                    || type == byte[].class;
        }
    }

    /** Refuses a map's name, null too, and says which ones can travel. */
    static final class RefusedName extends JsonSerializer<Object> {
        @Override
        public void serialize(@Nullable Object name, JsonGenerator json, SerializerProvider provider)
                throws IOException {
            provider.reportMappingProblem(
                    "a map's name that is %s: take a text, a number, an enum or a time",
                    name == null ? "null" : "a " + name.getClass().getName());
        }
    }

    private static final class Readers extends Deserializers.Base {
        @Override
        public @Nullable JsonDeserializer<?> findBeanDeserializer(
                JavaType type, DeserializationConfig config, BeanDescription description) {
            var parser = IsoTimes.parser(type.getRawClass());
            if (parser != null) {
                return new IsoTimes.Value(type.getRawClass(), parser);
            }
            return SealedTypes.isChoice(type.getRawClass()) ? new SealedTypes.Value(type) : null;
        }
    }

    /** Wherever an object of a permitted class is written, as its reader may ask for the sealed type. */
    private static final class NameWritten extends BeanSerializerModifier {
        private static final long serialVersionUID = 1L;

        @Override
        public List<BeanPropertyWriter> changeProperties(
                SerializationConfig config, BeanDescription description, List<BeanPropertyWriter> properties) {
            var name = SealedTypes.nameOf(description.getBeanClass());
            if (name != null) {
                properties.add(0, SealedTypes.Name.of(name, config, description));
            }
            return properties;
        }
    }

    /** Where the class itself is asked for. */
    private static final class NameIgnored extends BeanDeserializerModifier {
        private static final long serialVersionUID = 1L;

        @Override
        public BeanDeserializerBuilder updateBuilder(
                DeserializationConfig config, BeanDescription description, BeanDeserializerBuilder builder) {
            if (SealedTypes.nameOf(description.getBeanClass()) != null) {
                builder.addIgnorable(SealedTypes.NAME);
            }
            return builder;
        }
    }
}

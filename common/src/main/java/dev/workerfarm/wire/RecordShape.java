package dev.workerfarm.wire;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How records of a class are made and read. Reflection finds it once a class; each record is then made by method handles, as a map
 * makes one an item. Immutable.
 */
final class RecordShape {
    private static final ClassValue<RecordShape> SHAPES = new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
            return new RecordShape(type);
        }
    };

    /** A component that may be null, or is an Optional, may be left out. */
    record Component(RecordComponent declared, String name, Class<?> type, boolean isOptional, boolean isNullable) {
        private static Component of(RecordComponent declared) {
            var type = declared.getType();
            var isOptional = type == Optional.class
                    || type == OptionalInt.class
                    || type == OptionalLong.class
                    || type == OptionalDouble.class;
            // Any annotation of that name will do: a user's jar may carry its own.
            var isNullable = !type.isPrimitive()
                    && Arrays.stream(declared.getAnnotatedType().getAnnotations())
                            .anyMatch(each ->
                                    each.annotationType().getSimpleName().equals("Nullable"));
            return new Component(declared, declared.getName(), type, isOptional, isNullable);
        }
    }

    private final List<Component> components;
    private final MethodHandle constructor; // (Object[])Object
    private final @Nullable MethodHandle
            ofNumber; // (long)Object, of a record whose sole component takes any whole number as it is
    private final List<MethodHandle> accessors; // each (Object)Object

    private RecordShape(Class<?> type) {
        var declared = type.getRecordComponents();
        this.components = Arrays.stream(declared).map(Component::of).toList();
        try {
            var lookup = MethodHandles.lookup();
            var types = Arrays.stream(declared).map(RecordComponent::getType).toArray(Class<?>[]::new);
            var made = type.getDeclaredConstructor(types);
            made.setAccessible(true);
            this.constructor = lookup.unreflectConstructor(made)
                    .asSpreader(Object[].class, types.length)
                    .asType(MethodType.methodType(Object.class, Object[].class));
            var takesNumber = types.length == 1
                    && List.of(long.class, Long.class, Number.class, Object.class)
                            .contains(types[0]);
            this.ofNumber = takesNumber
                    ? lookup.unreflectConstructor(made).asType(MethodType.methodType(Object.class, long.class))
                    : null;
            var reads = new MethodHandle[declared.length];
            for (int i = 0; i < declared.length; i++) {
                var accessor = declared[i].getAccessor();
                accessor.setAccessible(true);
                reads[i] = lookup.unreflect(accessor).asType(MethodType.methodType(Object.class, Object.class));
            }
            this.accessors = List.of(reads);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make or read records of " + type, e);
        }
    }

    /** The shape of a record class. */
    static RecordShape of(Class<?> type) {
        return SHAPES.get(type);
    }

    List<Component> components() {
        return components;
    }

    /** Makes a record; throws what its constructor does. */
    Object construct(@Nullable Object[] values) throws Throwable {
        return constructor.invokeExact(values);
    }

    /** Whether {@link #construct(long)} may be called. */
    boolean takesNumber() {
        return ofNumber != null;
    }

    /** Makes a record of its sole component; throws what its constructor does. */
    Object construct(long sole) throws Throwable {
        return Objects.requireNonNull(ofNumber).invokeExact(sole);
    }

    /** Reads a component; throws what its accessor does. */
    @Nullable
    Object read(Record record, int component) throws Throwable {
        return accessors.get(component).invokeExact((Object) record);
    }
}

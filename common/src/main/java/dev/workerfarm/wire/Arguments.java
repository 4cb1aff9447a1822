package dev.workerfarm.wire;

import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.TaskType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Between argument records and the arguments of the wire, by order and by name, with Python's complaints. */
public final class Arguments {
    private Arguments() {}

    /** The record of a call. Throws WrongArgumentsException if an argument is missing, unknown, twice, or ill-typed. */
    public static <A> A bind(TaskType<A, ?> type, List<Object> args, Map<String, Object> kwargs) {
        if (type.argumentType() == RawArguments.class) {
            return type.argumentType().cast(new RawArguments(args, kwargs));
        }
        var components = type.argumentType().getRecordComponents();
        if (args.size() > components.length) {
            var wanted = components.length + " argument" + (components.length == 1 ? "" : "s");
            var given = args.size() + (args.size() == 1 ? " was" : " were");
            throw wrong(type, " takes " + wanted + " but " + given + " given");
        }
        Set<String> unknown = new HashSet<>(kwargs.keySet());
        var values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            var name = components[i].getName();
            var named = unknown.remove(name);
            if (i < args.size() && named) {
                throw wrong(type, " got multiple values for argument '" + name + "'");
            }
            if (i >= args.size() && !named && !isNullable(components[i])) {
                throw wrong(type, " missing required argument '" + name + "'");
            }
            values[i] = convert(type, components[i], i < args.size() ? args.get(i) : kwargs.get(name));
        }
        if (!unknown.isEmpty()) {
            var name = unknown.iterator().next();
            throw wrong(type, " got an unexpected keyword argument '" + name + "'");
        }
        return construct(type, components, values);
    }

    public static List<@Nullable Object> components(Record record) {
        return Arrays.stream(record.getClass().getRecordComponents())
                .<@Nullable Object>map(component -> read(record, component))
                .toList();
    }

    /** The result of a call as its type says. Throws DecodeException if it is of another type. */
    // unchecked: the type's own class says what it becomes; NullAway: a task may well return null
    @SuppressWarnings({"unchecked", "NullAway"})
    public static <R> R result(TaskType<?, R> type, @Nullable Object value) {
        var resultType = type.resultType();
        if (!type.hasListResult() && (resultType == Object.class || resultType.isInstance(value))) {
            return (R) value;
        }
        return (R) Json.convert(value, type.hasListResult() ? Json.listOf(resultType) : resultType);
    }

    private static @Nullable Object convert(TaskType<?, ?> type, RecordComponent component, @Nullable Object value) {
        if (value == null) {
            if (isNullable(component)) {
                return null;
            }
            throw wrong(type, component, "null", null);
        }
        var wanted = component.getType();
        if (wanted == Object.class
                || ((wanted == Number.class || wanted == String.class) && wanted.isInstance(value))) {
            return value;
        }
        // Jackson would take the words NaN and Infinity for a double, as text too.
        var textForNumber = value instanceof String && (wanted.isPrimitive() || Number.class.isAssignableFrom(wanted));
        if (wanted == String.class || wanted == Number.class || textForNumber) {
            throw wrong(type, component, describe(value), null);
        }
        try {
            return Json.convert(value, component.getGenericType());
        } catch (DecodeException e) {
            throw wrong(type, component, describe(value), e);
        }
    }

    private static WrongArgumentsException wrong(TaskType<?, ?> type, String problem) {
        return new WrongArgumentsException(type.name() + "()" + problem);
    }

    private static WrongArgumentsException wrong(
            TaskType<?, ?> type, RecordComponent component, String given, @Nullable Exception cause) {
        var wanted = component.getType();
        var words = wanted == Number.class ? "a number" : wanted == String.class ? "a string" : wanted.getSimpleName();
        return new WrongArgumentsException(
                type.name() + "() argument '" + component.getName() + "' must be " + words + ", not " + given, cause);
    }

    private static String describe(Object value) {
        if (value instanceof String text) {
            return "the string " + (text.length() > 40 ? Json.text(text.substring(0, 40)) + "..." : Json.text(text));
        }
        if (value instanceof Number number) {
            return number instanceof Double ? "the number " + number : "a whole number";
        }
        return value instanceof List ? "a list" : value instanceof Map ? "an object" : String.valueOf(value);
    }

    /** Any annotation of that name will do: a user's jar may carry its own. */
    private static boolean isNullable(RecordComponent component) {
        return !component.getType().isPrimitive()
                && Arrays.stream(component.getAnnotatedType().getAnnotations())
                        .anyMatch(each -> each.annotationType().getSimpleName().equals("Nullable"));
    }

    private static <A> A construct(TaskType<A, ?> type, RecordComponent[] components, @Nullable Object[] values) {
        try {
            var types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            var constructor = type.argumentType().getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new WrongArgumentsException(type.name() + "(): " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot construct " + type.argumentType(), e);
        }
    }

    private static @Nullable Object read(Record record, RecordComponent component) {
        try {
            var accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component + " of " + record.getClass(), e);
        }
    }
}

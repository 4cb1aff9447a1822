package dev.workerfarm.wire;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.wire.RecordShape.Component;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Between argument records and the arguments of the wire, by order and by name, with Python's complaints. */
public final class Arguments {
    /** Where in a list or map of arguments one is, and where in it: {@link Json#place}. */
    private static final Pattern PLACE = Pattern.compile("(?:\\[(\\d+)]|\\.([^.\\[]*))(.*)", Pattern.DOTALL);

    private Arguments() {}

    /** The record of a call. Throws WrongArgumentsException if an argument is missing, unknown, twice, or ill-typed. */
    public static <A> A bind(TaskType<A, ?> type, List<Object> args, Map<String, Object> kwargs) {
        if (type.argumentType() == RawArguments.class) {
            return type.argumentType().cast(new RawArguments(args, kwargs));
        }
        var shape = RecordShape.of(type.argumentType());
        var components = shape.components();
        if (args.size() > components.size()) {
            var wanted = components.size() + " argument" + (components.size() == 1 ? "" : "s");
            var given = args.size() + (args.size() == 1 ? " was" : " were");
            throw wrong(type, " takes " + wanted + " but " + given + " given");
        }
        Set<String> unknown = kwargs.isEmpty() ? Set.of() : new HashSet<>(kwargs.keySet());
        var values = new @Nullable Object[components.size()];
        for (int i = 0; i < values.length; i++) {
            var component = components.get(i);
            var name = component.name();
            var named = !unknown.isEmpty() && unknown.remove(name);
            if (i < args.size() && named) {
                throw wrong(type, " got multiple values for argument '" + name + "'");
            }
            if (i >= args.size() && !named && !component.isOptional() && !component.isNullable()) {
                throw wrong(type, " missing required argument '" + name + "'");
            }
            values[i] = convert(type, component, i < args.size() ? args.get(i) : kwargs.get(name));
        }
        if (!unknown.isEmpty()) {
            var name = unknown.iterator().next();
            throw wrong(type, " got an unexpected keyword argument '" + name + "'");
        }
        return construct(type, shape, values);
    }

    /** What makes the records of calls whose sole argument is a whole number; throws as {@link #bind}. For many calls. */
    @SuppressWarnings("unchecked") // the shape is that of A
    public static <A> LongFunction<A> ofNumbers(TaskType<A, ?> type) {
        var shape = RecordShape.of(type.argumentType());
        if (!shape.takesNumber()) {
            return sole -> bind(type, List.of(sole), Map.of());
        }
        return sole -> {
            try {
                return (A) shape.construct(sole);
            } catch (Throwable e) { // whatever the record's constructor throws
                throw unmade(type, e);
            }
        };
    }

    /** The components of a record, in their order. IllegalStateException: an accessor throws. */
    public static List<@Nullable Object> components(Record record) {
        var shape = RecordShape.of(record.getClass());
        List<@Nullable Object> values = new ArrayList<>(shape.components().size());
        for (int i = 0; i < shape.components().size(); i++) {
            values.add(read(shape, record, i));
        }
        return values;
    }

    /** The result of a call as its type says. Throws DecodeException if it is of another type. */
    // unchecked: the type's own class says what it becomes; NullAway: a task may well return null
    @SuppressWarnings({"unchecked", "NullAway"})
    public static <R> R result(TaskType<?, R> type, @Nullable Object value) {
        var wanted = type.resultType();
        if (wanted == Object.class || (wanted instanceof Class<?> plain && plain.isInstance(value))) {
            return (R) value;
        }
        try {
            return (R) Json.convert(value, wanted);
        } catch (DecodeException e) {
            throw new DecodeException(
                    "the result of " + type.name() + "() is no " + wanted.getTypeName() + ": " + e.getMessage(), e);
        }
    }

    /** The JSON of a call's positional arguments. Throws EncodeException naming the one that cannot be written. */
    public static byte[] write(String task, List<?> args) {
        try {
            return Json.writePart(args);
        } catch (EncodeException e) {
            throw refused(task, Json.place(e), e);
        }
    }

    /** The refusal of arguments, naming the one in which this place is; an empty place: all of them. */
    public static EncodeException refused(String task, String place, EncodeException e) {
        var argument = PLACE.matcher(place);
        if (!argument.matches()) {
            return new EncodeException("the arguments of " + task + " " + e.getMessage(), e);
        }
        var which = argument.group(1) == null
                ? "'" + argument.group(2) + "'"
                : String.valueOf(Integer.parseInt(argument.group(1)) + 1);
        return new EncodeException(
                "argument " + which + " of " + task + " " + e.getMessage() + Failure.at(argument.group(3)), e);
    }

    private static @Nullable Object convert(TaskType<?, ?> type, Component component, @Nullable Object value) {
        var wanted = component.type();
        if (value == null && !component.isOptional()) {
            if (component.isNullable()) {
                return null;
            }
            throw wrong(type, component, "null", null);
        }
        if (isAsRead(wanted, value)) {
            return value;
        }
        // Jackson would take the words NaN and Infinity for a double, as text too.
        var textForNumber = value instanceof String
                && ((wanted.isPrimitive() && wanted != char.class) || Number.class.isAssignableFrom(wanted));
        if (wanted == String.class || wanted == Number.class || textForNumber) {
            throw wrong(type, component, describe(value), null);
        }
        try {
            return Json.convert(value, component.declared().getGenericType());
        } catch (DecodeException e) {
            var place = Json.place(e);
            var isOfItsKind = value instanceof Map && Map.class.isAssignableFrom(wanted);
            throw place.isEmpty() && !isOfItsKind
                    ? wrong(type, component, describe(value), e)
                    : new WrongArgumentsException(
                            type.name() + "() argument '" + component.name() + "'" + Failure.at(place) + ": "
                                    + e.getMessage(),
                            e);
        }
    }

    /** Whether a JSON value is one of this class already, as nearly all are. */
    private static boolean isAsRead(Class<?> wanted, @Nullable Object value) {
        return wanted == Object.class
                || ((wanted == Number.class || wanted == String.class) && wanted.isInstance(value))
                || (wanted == long.class && value instanceof Long)
                || (wanted == double.class && value instanceof Double)
                || (wanted == boolean.class && value instanceof Boolean);
    }

    private static WrongArgumentsException wrong(TaskType<?, ?> type, String problem) {
        return new WrongArgumentsException(type.name() + "()" + problem);
    }

    private static WrongArgumentsException wrong(
            TaskType<?, ?> type, Component component, String given, @Nullable Exception cause) {
        var wanted = component.type();
        var words = wanted == Number.class ? "a number" : wanted == String.class ? "a string" : wanted.getSimpleName();
        return new WrongArgumentsException(
                type.name() + "() argument '" + component.name() + "' must be " + words + ", not " + given, cause);
    }

    private static String describe(@Nullable Object value) {
        if (value instanceof String text) {
            return "the string " + (text.length() > 40 ? Json.text(text.substring(0, 40)) + "..." : Json.text(text));
        }
        if (value instanceof Number number) {
            return number instanceof Long || number instanceof BigInteger
                    ? "a whole number"
                    : "the number " + Failure.cut(number.toString(), 40, "...");
        }
        return value instanceof List ? "a list" : value instanceof Map ? "an object" : String.valueOf(value);
    }

    private static <A> A construct(TaskType<A, ?> type, RecordShape shape, @Nullable Object[] values) {
        try {
            return type.argumentType().cast(shape.construct(values));
        } catch (Throwable e) { // whatever the record's constructor throws
            throw unmade(type, e);
        }
    }

    /** Rethrows what has nothing to do with the arguments. */
    private static WrongArgumentsException unmade(TaskType<?, ?> type, Throwable thrown) {
        if (thrown instanceof OutOfMemoryError
                || thrown instanceof LinkageError) { // the latter: its class cannot be initialized
            throw (Error) thrown;
        }
        return new WrongArgumentsException(type.name() + "(): " + thrown, thrown);
    }

    private static @Nullable Object read(RecordShape shape, Record record, int component) {
        try {
            return shape.read(record, component);
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (Throwable e) { // whatever the accessor throws
            throw new IllegalStateException(
                    "cannot read " + shape.components().get(component) + " of " + record.getClass(), e);
        }
    }
}

package dev.workerfarm.message;

import dev.workerfarm.error.DecodeException;
import dev.workerfarm.error.EncodeException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An outcome as a text that is kept: the JSON of a value or a failure, as results have them. Stateless. */
public final class OutcomeText {
    private OutcomeText() {}

    /** The outcome itself, or, where its value cannot travel, the failure that says so. */
    public static Outcome fit(Outcome outcome) {
        try {
            write(outcome);
            return outcome;
        } catch (EncodeException e) {
            return new Outcome.Failed(Failure.builtin("ValueError", "the task's result " + e.getMessage()));
        }
    }

    /**
     * The outcome as a text.
     *
     * @throws EncodeException if the value cannot travel
     */
    public static String write(Outcome outcome) {
        Map<String, @Nullable Object> fields;
        if (outcome instanceof Outcome.Failed failed) {
            fields = ResultCodec.failure(failed.failure());
            fields.put("traceback", failed.failure().stack());
        } else {
            fields = new HashMap<>();
            fields.put("value", ((Outcome.Succeeded) outcome).value());
        }
        return new String(Json.write(fields), StandardCharsets.UTF_8);
    }

    /**
     * The outcome of a text.
     *
     * @throws DecodeException if it was not written by {@link #write}
     */
    public static Outcome read(String text) {
        if (!(Json.read(text) instanceof Map<?, ?> fields)) {
            throw new DecodeException("not an outcome");
        }
        if (fields.containsKey("value")) {
            return new Outcome.Succeeded(fields.get("value"));
        }
        return new Outcome.Failed(
                ResultCodec.readFailure(fields, fields.get("traceback") instanceof String stack ? stack : null));
    }
}

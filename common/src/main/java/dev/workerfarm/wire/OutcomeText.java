package dev.workerfarm.wire;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An outcome and the JSON text as which it is kept. Immutable; threads may share it. */
public record OutcomeText(Outcome outcome, String text) {
    /** Writes the outcome, or, where its value cannot travel, the failure that says so. */
    public static OutcomeText of(Outcome outcome) {
        try {
            return new OutcomeText(outcome, write(outcome));
        } catch (EncodeException e) {
            var failed = new Outcome.Failed(Failure.ofResult(e));
            return new OutcomeText(failed, write(failed));
        }
    }

    private static String write(Outcome outcome) {
        Map<String, @Nullable Object> fields;
        if (outcome instanceof Outcome.Failed failed) {
            fields = ResultCodec.failure(failed.failure());
            fields.put("traceback", failed.failure().stack());
            fields.put("dead", failed.dead());
        } else if (outcome instanceof Outcome.Postponed postponed) {
            var failure = postponed.failure();
            fields = failure == null ? new HashMap<>() : ResultCodec.failure(failure);
            fields.put("retry_at", postponed.at().toEpochMilli());
            fields.put("attempt", postponed.attempt());
        } else {
            fields = new HashMap<>();
            fields.put("value", ((Outcome.Succeeded) outcome).value());
        }
        return new String(Json.write(fields), StandardCharsets.UTF_8);
    }

    /** The outcome of a text. Throws DecodeException if it is none. */
    public static Outcome read(String text) {
        if (!(Json.read(text) instanceof Map<?, ?> fields)) {
            throw new DecodeException("not an outcome");
        }
        if (fields.containsKey("value")) {
            return new Outcome.Succeeded(fields.get("value"));
        }
        var failure = fields.containsKey("exc_type") ? ResultCodec.readFailure(fields, fields) : null;
        if (fields.get("retry_at") instanceof Long at && fields.get("attempt") instanceof Long attempt) {
            return new Outcome.Postponed(Instant.ofEpochMilli(at), attempt.intValue(), failure);
        }
        if (failure == null) {
            throw new DecodeException("not an outcome");
        }
        return new Outcome.Failed(failure, fields.get("dead") instanceof String dead ? dead : null);
    }
}

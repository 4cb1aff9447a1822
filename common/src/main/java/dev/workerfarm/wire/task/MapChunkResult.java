package dev.workerfarm.wire.task;

import com.fasterxml.jackson.databind.util.RawValue;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.ResultCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What became of a {@link MapChunk}: each item's own outcome, in order, and how long they ran. Travels as {@code
 * {"values": [...], "failures": {"<offset>": {...}}, "nanos": n}}, a failed item's value being null.
 */
public record MapChunkResult(List<Outcome> outcomes, long nanos) {
    private static final int MAX_BYTES = Json.MAX_BYTES - 1024 * 1024; // with room for what is around the outcomes
    private static final String TOO_MUCH =
            "the results of this item's chunk are more than " + MAX_BYTES + " bytes of JSON; take smaller chunks";

    /** The JSON value. An item whose value cannot travel, or comes when it is full, is written as a failure. */
    public Map<String, Object> toJson() {
        List<@Nullable Object> values = new ArrayList<>(outcomes.size());
        Map<String, Object> failures = new LinkedHashMap<>();
        long bytes = 0;
        for (var outcome : outcomes) {
            var part = part(outcome);
            if (bytes + part.bytes() > MAX_BYTES) {
                part = part(new Outcome.Failed(Failure.builtin("ValueError", TOO_MUCH)));
            }
            bytes += part.bytes();
            if (part.failed()) {
                failures.put(String.valueOf(values.size()), Objects.requireNonNull(part.json()));
                values.add(null);
            } else {
                values.add(part.json());
            }
        }
        return Map.of("values", values, "failures", failures, "nanos", nanos);
    }

    /** One item's value or failure, ready to be written. */
    private record Part(boolean failed, @Nullable Object json, int bytes) {
        Part(boolean failed, byte[] json) {
            this(failed, new RawValue(new String(json, StandardCharsets.US_ASCII)), json.length);
        }
    }

    private static Part part(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            var fields = ResultCodec.failure(failed.failure());
            fields.put("traceback", failed.failure().stack());
            return new Part(true, Json.writePart(fields));
        }
        var value = ((Outcome.Succeeded) outcome).value();
        if (value == null || value instanceof Long || value instanceof Double || value instanceof Boolean) {
            return new Part(false, value, Double.BYTES * 3); // always fits, and most of what maps return
        }
        try {
            return new Part(false, Json.writePart(value));
        } catch (EncodeException e) {
            return part(new Outcome.Failed(Failure.builtin("ValueError", "the task's result " + e.getMessage())));
        }
    }

    /** Reads the JSON value. Throws DecodeException if it is no such value or has another number of items. */
    public static MapChunkResult from(@Nullable Object json, int expected) {
        if (!(json instanceof Map<?, ?> fields)
                || !(fields.get("values") instanceof List<?> values)
                || !(fields.get("failures") instanceof Map<?, ?> failures)
                || !(fields.get("nanos") instanceof Long nanos)
                || values.size() != expected) {
            throw new DecodeException("not the result of a chunk of " + expected);
        }
        List<Outcome> outcomes = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            var failure = failures.isEmpty() ? null : failures.get(String.valueOf(i));
            if (failure instanceof Map<?, ?> map) {
                outcomes.add(new Outcome.Failed(ResultCodec.readFailure(map, map)));
            } else {
                outcomes.add(new Outcome.Succeeded(values.get(i)));
            }
        }
        return new MapChunkResult(outcomes, nanos);
    }
}

package dev.workerfarm.wire.letter;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Why a message lies in the dead letters: the letter is the message as it was, these are headers beside its own. */
public record DeadLetter(String reason, Failure failure, String queue, String worker, Instant at) {
    private static final int MAX_HEADER_BYTES = 64 * 1024; // of a frame's 131 072; our failure alone may take 32 kB
    private static final int MAX_ENVELOPE_BODY_BYTES = 4 * 1024 * 1024; // also as base64 far below the broker's limit
    private static final int MAX_FAILURE_CHARS = 8_192;
    private static final int MAX_STACK_BYTES = 8 * 1024;
    private static final int BRIEF_TEXT_CHARS = 200;
    static final String PREFIX = "farm-dead-"; // of the names of our headers
    static final String REASON = PREFIX + "reason";
    static final String FAILURE = PREFIX + "failure";
    static final String STACK = PREFIX + "stack";
    static final String QUEUE = PREFIX + "queue";
    static final String WORKER = PREFIX + "worker";
    static final String AT = PREFIX + "at";
    static final String ENVELOPE = PREFIX + "envelope";

    /**
     * The letter. Where the message's own headers are too large to go with ours, or cannot be read, or the body is too
     * large, all is a JSON body {@code {"headers": {...}, "content_type": ..., "body": base64, "truncated": false}}.
     */
    public EncodedMessage encode(AMQP.BasicProperties original, byte[] body) {
        return encode(original, body, false);
    }

    /** The letter with as few headers as can be, for a broker that refuses the other one: small frames (AMQP, frame_max). */
    public EncodedMessage encodeBriefly(AMQP.BasicProperties original, byte[] body) {
        return new DeadLetter(reason, failure.brief(BRIEF_TEXT_CHARS), queue, worker, at).encode(original, body, true);
    }

    private EncodedMessage encode(AMQP.BasicProperties original, byte[] body, boolean inEnvelope) {
        Map<String, Object> own = new LinkedHashMap<>();
        own.put(REASON, reason);
        own.put(FAILURE, Failure.cut(failure.type() + ": " + failure.text(), MAX_FAILURE_CHARS, "..."));
        if (failure.stack() != null) {
            own.put(STACK, cutBytes(failure.stack()));
        }
        own.put(QUEUE, queue);
        own.put(WORKER, worker);
        own.put(AT, at.toString());
        Map<String, Object> theirs = new HashMap<>(original.getHeaders() == null ? Map.of() : original.getHeaders());
        Headers.stayOnOneWay(theirs);
        var json = headersAsJson(theirs);
        if (!inEnvelope
                && json != null
                && EncodedMessage.headerBytes(original) <= MAX_HEADER_BYTES
                && body.length <= Json.MAX_BYTES) {
            theirs.putAll(own);
            return new EncodedMessage(Body.again(original, theirs), body);
        }
        Map<String, @Nullable Object> envelope = new LinkedHashMap<>();
        envelope.put("headers", json == null ? Json.text(shallow(theirs)) : json);
        envelope.put("content_type", original.getContentType());
        envelope.put("content_encoding", original.getContentEncoding());
        envelope.put("reply_to", original.getReplyTo());
        var kept = body.length > MAX_ENVELOPE_BODY_BYTES ? Arrays.copyOf(body, MAX_ENVELOPE_BODY_BYTES) : body;
        envelope.put("body", Base64.getEncoder().encodeToString(kept));
        envelope.put("truncated", kept.length < body.length);
        own.put(ENVELOPE, true);
        var properties = Body.properties(true).correlationId(original.getCorrelationId());
        return new EncodedMessage(properties.headers(own).build(), Json.write(envelope));
    }

    /** The headers, or null if one cannot be read. */
    private static @Nullable String headersAsJson(Map<String, Object> headers) {
        try {
            return Json.text(Headers.read(headers));
        } catch (DecodeException | EncodeException e) {
            return null;
        }
    }

    /** The headers without those that cannot be read, or not written as JSON. */
    static Map<String, @Nullable Object> shallow(Map<String, Object> headers) {
        Map<String, @Nullable Object> readable = new LinkedHashMap<>();
        headers.forEach((name, value) -> {
            var one = Collections.singletonMap(name, value);
            if (headersAsJson(one) != null) {
                readable.putAll(Headers.read(one));
            }
        });
        return readable;
    }

    private static String cutBytes(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= MAX_STACK_BYTES
                ? text
                : new String(bytes, 0, MAX_STACK_BYTES, StandardCharsets.UTF_8) + "...";
    }
}

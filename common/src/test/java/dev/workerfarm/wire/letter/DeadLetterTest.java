package dev.workerfarm.wire.letter;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.LongStringHelper;
import dev.workerfarm.json.Json;
import dev.workerfarm.json.JsonValues;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeadLetterTest {
    /** What RabbitMQ grants a frame by default, less room for the properties beside the headers. */
    private static final int FRAME_BYTES = 131_072 - 4_096;

    private static final DeadLetter LETTER = letter("task 'nix' is not known");
    private static final byte[] BODY = {0, 1, (byte) 0xff};

    private static DeadLetter letter(String text) {
        return new DeadLetter(
                "unknown-task",
                Failure.celery("NotRegistered", text),
                "farm.tasks",
                "worker-1@host.7",
                Instant.parse("2026-01-02T03:04:05Z"));
    }

    private static AMQP.BasicProperties properties(Map<String, Object> headers) {
        return new AMQP.BasicProperties.Builder()
                .contentType("application/x-python-serialize")
                .correlationId("c")
                .replyTo("replies")
                .expiration("1000")
                .userId("guest")
                .headers(headers)
                .build();
    }

    private static void assertFits(EncodedMessage letter) throws UnsupportedEncodingException {
        assertThat(Frame.tableSize(letter.properties().getHeaders())).isLessThan(FRAME_BYTES);
    }

    private static Map<?, ?> envelope(EncodedMessage letter) {
        assertThat(letter.properties().getContentType()).isEqualTo("application/json");
        assertThat(letter.properties().getHeaders())
                .containsEntry("farm-dead-envelope", true)
                .containsEntry("farm-dead-reason", "unknown-task");
        assertThat(letter.properties().getCorrelationId()).isEqualTo("c");
        assertThat(letter.body()).hasSizeLessThan(Json.MAX_BYTES);
        return (Map<?, ?>) Objects.requireNonNull(Json.read(letter.body()));
    }

    private static @Nullable Object headersIn(Map<?, ?> envelope) {
        return Json.read((String) Objects.requireNonNull(envelope.get("headers")));
    }

    @Test
    @SuppressWarnings("JavaUtilDate") // what amqp-client makes of an AMQP timestamp
    void isTheMessageAsItWasWithTheReasonBesideItsHeaders() throws UnsupportedEncodingException {
        Map<String, Object> headers = new HashMap<>();
        headers.put("id", LongStringHelper.asLongString("i"));
        headers.put("nothing", null);
        headers.put("bytes", new byte[] {1});
        headers.put("date", new Date(0));
        headers.put("list", Arrays.asList(1, null, LongStringHelper.asLongString("x")));
        var letter = LETTER.encode(properties(headers), BODY);
        assertThat(letter.body()).isSameAs(BODY);
        assertThat(letter.properties().getHeaders())
                .containsAllEntriesOf(headers)
                .containsEntry("farm-dead-reason", "unknown-task")
                .containsEntry("farm-dead-failure", "NotRegistered: task 'nix' is not known")
                .containsEntry("farm-dead-queue", "farm.tasks")
                .containsEntry("farm-dead-worker", "worker-1@host.7")
                .containsEntry("farm-dead-at", "2026-01-02T03:04:05Z")
                .hasSize(10);
        assertThat(letter.properties())
                .extracting(
                        AMQP.BasicProperties::getContentType,
                        AMQP.BasicProperties::getReplyTo,
                        AMQP.BasicProperties::getDeliveryMode,
                        AMQP.BasicProperties::getExpiration,
                        AMQP.BasicProperties::getUserId)
                .containsExactly("application/x-python-serialize", "replies", 2, null, null);
        assertFits(letter);
    }

    @Test
    void goesToTheDeadLettersAlone() {
        var letter = LETTER.encode(properties(Map.of("CC", List.of("farm.tasks"), "BCC", List.of("x"), "y", 1)), BODY);
        assertThat(letter.properties().getHeaders())
                .doesNotContainKeys("CC", "BCC")
                .containsEntry("y", 1);
    }

    @Test
    void needsNoHeaders() {
        var letter = LETTER.encode(new AMQP.BasicProperties(), BODY);
        assertThat(letter.body()).isSameAs(BODY);
        assertThat(letter.properties().getHeaders()).hasSize(5);
    }

    @Test
    void replacesWhatAnEarlierDeathLeft() {
        var letter = LETTER.encode(properties(Map.of("farm-dead-reason", "earlier", "x", 1)), BODY);
        assertThat(letter.properties().getHeaders())
                .containsEntry("farm-dead-reason", "unknown-task")
                .containsEntry("x", 1);
    }

    @Test
    void cutsALongFailureToFitItsFrame() throws UnsupportedEncodingException {
        for (var text : List.of("x", "\u20ac", "😀", "\u0000")) {
            var letter = letter(text.repeat(100_000)).encode(properties(Map.of("x", "x".repeat(60_000))), BODY);
            assertThat(letter.properties().getHeaders()).doesNotContainKey("farm-dead-envelope");
            assertThat((String) letter.properties().getHeaders().get("farm-dead-failure"))
                    .endsWith("...");
            assertFits(letter);
        }
    }

    static List<Map<String, Object>> largeHeaders() {
        // Longs take 9 bytes in a frame and 2 in JSON: measured as JSON they would seem to fit.
        List<Map<String, Object>> all = new ArrayList<>();
        all.add(Map.of("x", "x".repeat(110_000)));
        all.add(Map.of("x", "\u0000".repeat(110_000)));
        all.add(Map.of("x", Collections.nCopies(12_000, 1L)));
        all.add(Map.of("x", new byte[110_000]));
        return all;
    }

    @Test
    void putsLargeHeadersIntoAnEnvelope() throws UnsupportedEncodingException {
        for (var headers : largeHeaders()) {
            var letter = LETTER.encode(properties(headers), BODY);
            assertFits(letter);
            var envelope = envelope(letter);
            assertThat(envelope.get("content_type")).isEqualTo("application/x-python-serialize");
            assertThat(envelope.get("reply_to")).isEqualTo("replies");
            assertThat(envelope.get("truncated")).isEqualTo(false);
            assertThat(Base64.getDecoder().decode((String) Objects.requireNonNull(envelope.get("body"))))
                    .isEqualTo(BODY);
            assertThat(headersIn(envelope)).isEqualTo(Json.read(Json.write(headers)));
        }
    }

    @Test
    void cutsALargeBodyInAnEnvelopeAndSaysSo() {
        var body = "x".repeat(Json.MAX_BYTES).getBytes(StandardCharsets.US_ASCII);
        assertThat(LETTER.encode(properties(Map.of()), body).body()).isSameAs(body);
        var envelope = envelope(LETTER.encode(properties(Map.of("x", "\u0000".repeat(130_000))), body));
        assertThat(envelope.get("truncated")).isEqualTo(true);
        assertThat(Base64.getDecoder().decode((String) Objects.requireNonNull(envelope.get("body"))))
                .hasSize(4 << 20);
    }

    @Test
    void leavesOutHeadersThatNestTooDeeplyToBeWrittenAgain() throws UnsupportedEncodingException {
        for (int levels : new int[] {40, 10_000}) {
            Map<String, Object> headers = Map.of("deep", JsonValues.nested(levels), "id", "i");
            var letter = LETTER.encode(properties(headers), BODY);
            assertFits(letter);
            assertThat(headersIn(envelope(letter))).isEqualTo(Map.of("id", "i"));
        }
    }
}

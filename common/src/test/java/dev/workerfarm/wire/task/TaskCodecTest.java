package dev.workerfarm.wire.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.LongStringHelper;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.Damage;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.json.JsonValues;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.OutcomeText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskCodecTest {
    private static final String BODY = "[[2, \"é😀\"], {\"a\": [1.5, null]}, {\"chain\": null}]";

    private static AMQP.BasicProperties properties(@Nullable String name, @Nullable Object value) {
        Map<String, Object> headers = new HashMap<>(Map.of("id", LongStringHelper.asLongString("i"), "task", "t"));
        if (name != null) {
            headers.put(name, value);
        }
        return new AMQP.BasicProperties.Builder()
                .contentType("application/json")
                .headers(headers)
                .build();
    }

    private static TaskMessage decode(String body) {
        return TaskCodec.decode(properties(null, null), body.getBytes(StandardCharsets.UTF_8));
    }

    private static TaskMessage decodeWith(@Nullable String header, @Nullable Object value) {
        return TaskCodec.decode(properties(header, value), BODY.getBytes(StandardCharsets.UTF_8));
    }

    private static void refuses(@Nullable String header, @Nullable Object value, byte[] body, String words) {
        assertThatThrownBy(() -> TaskCodec.decode(properties(header, value), body))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining(words);
    }

    private static byte[] zlib(byte[] body) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream deflater = new DeflaterOutputStream(bytes)) {
            deflater.write(body);
        }
        return bytes.toByteArray();
    }

    @Test
    void namesTheArgumentThatCannotTravelAndThePlaceInIt() {
        var large = BigInteger.TEN.pow(5_000);
        var inside = Map.of("sizes", List.of(1, large));
        assertThatThrownBy(
                        () -> TaskCodec.encode(TaskMessage.of("i", "t", List.of(1, inside), Map.of(), null, Map.of())))
                .isInstanceOf(EncodeException.class)
                .hasMessage(
                        "argument 2 of t cannot be written as JSON: an integer of more than 4300 digits, at .sizes[1]");
        assertThatThrownBy(
                        () -> TaskCodec.encode(TaskMessage.of("i", "t", List.of(), Map.of("n", large), null, Map.of())))
                .isInstanceOf(EncodeException.class)
                .hasMessage("argument 'n' of t cannot be written as JSON: an integer of more than 4300 digits");
        var text = "x".repeat(Json.MAX_BYTES);
        assertThatThrownBy(() -> TaskCodec.encode(TaskMessage.of("i", "t", List.of(text), Map.of(), null, Map.of())))
                .isInstanceOf(EncodeException.class)
                .hasMessage("the arguments of t cannot be written as JSON: more than 16777216 bytes");
        assertThatThrownBy(() -> new ChunkBuilder("t", "m", 0, true).add(List.of(inside)))
                .isInstanceOf(EncodeException.class)
                .hasMessage(
                        "argument 1 of t cannot be written as JSON: an integer of more than 4300 digits, at .sizes[1]");
        assertThat(OutcomeText.of(new Outcome.Succeeded(inside)).outcome())
                .isEqualTo(
                        new Outcome.Failed(
                                Failure.builtin(
                                        "ValueError",
                                        "the task's result cannot be written as JSON: an integer of more than 4300 digits, at .sizes[1]")));
    }

    @Test
    void givesEveryMessageBack() {
        var values = new JsonValues();
        for (int i = 0; i < 1_000; i++) {
            var message = TaskMessage.of("id-" + i, "täsk", values.list(), values.map(), "replies", Map.of());
            var encoded = TaskCodec.encode(message);
            var decoded = TaskCodec.decode(encoded.properties(), encoded.body());
            assertThat(decoded)
                    .as("%s, message %d", values, i)
                    .usingRecursiveComparison()
                    .withStrictTypeChecking()
                    .ignoringFields("headers", "args", "kwargs")
                    .isEqualTo(message);
            assertThat(decoded.args()).as("%s, message %d", values, i).isEqualTo(message.args());
            assertThat(decoded.kwargs()).as("%s, message %d", values, i).isEqualTo(message.kwargs());
            assertLivesWithPython(encoded);
        }
    }

    /** Section 9 of our notes on the protocol: each of these stops a Celery worker, or is dropped by it. */
    private static void assertLivesWithPython(EncodedMessage encoded) {
        assertThat(encoded.properties().getContentType()).isEqualTo("application/json");
        assertThat(encoded.properties().getContentEncoding()).isEqualTo("utf-8");
        assertThat(encoded.properties().getDeliveryMode()).isEqualTo(2);
        var headers = encoded.properties().getHeaders();
        assertThat((String) headers.get("id"))
                .isNotEmpty()
                .isEqualTo(encoded.properties().getCorrelationId());
        assertThat((String) headers.get("task")).isNotEmpty();
        assertThat((List<?>) headers.get("timelimit")).hasSize(2);
        assertThat(headers)
                .containsEntry("eta", null)
                .containsEntry("expires", null)
                .doesNotContainKey("compression");
        var body = (List<?>) Objects.requireNonNull(Json.read(encoded.body()));
        assertThat(body).hasSize(3);
        assertThat((Object) body.get(0)).isInstanceOf(List.class);
        assertThat((Object) body.get(1)).isInstanceOf(Map.class);
        assertThat((Object) body.get(2)).isInstanceOf(Map.class);
    }

    @Test
    void keepsStrangersHeadersWhenItWritesAMessageAgain() {
        Map<String, Object> headers = new HashMap<>();
        headers.put("origin", "gen1@host");
        headers.put("root_id", "root");
        headers.put("eta", "2026-11-23T07:57:42.097764+00:00");
        headers.put("timelimit", Arrays.asList(10L, null));
        headers.put("compression", "zlib");
        var message = new TaskMessage("i", "t", 3, 2, List.of(), Map.of(), null, "c", true, headers);
        var encoded = TaskCodec.encode(message);
        var decoded = TaskCodec.decode(encoded.properties(), encoded.body());
        assertThat(decoded.headers())
                .containsEntry("origin", "gen1@host")
                .containsEntry("root_id", "root")
                .containsEntry("eta", headers.get("eta"))
                .containsEntry("timelimit", Arrays.asList(10L, null))
                .doesNotContainKey("compression");
        assertThat(decoded)
                .extracting(
                        TaskMessage::retries,
                        TaskMessage::generation,
                        TaskMessage::correlationId,
                        TaskMessage::replyTo,
                        TaskMessage::ignoreResult)
                .containsExactly(3, 2, "c", null, true);
    }

    static List<Map<String, Object>> headersThatPythonDoesNotSurvive() {
        return List.of(
                Map.of("timelimit", List.of()),
                Map.of("timelimit", List.of(1, 2, 3)),
                Map.of("timelimit", 5),
                Collections.singletonMap("timelimit", null),
                Map.of("eta", 1_700_000_000L),
                Map.of("eta", ""),
                Map.of("eta", "tomorrow"),
                Map.of("expires", 1.5),
                Map.of("expires", "2026-11-23T07:57:42.097764123Z"),
                Map.of("x", new Object()),
                Map.of("x", "x".repeat(130_000)),
                Map.of("x".repeat(256), 1));
    }

    @ParameterizedTest
    @MethodSource("headersThatPythonDoesNotSurvive")
    void writesNoHeaderThatStopsAPythonWorkerOrOurPublisher(Map<String, Object> headers) {
        var message = new TaskMessage("i", "t", 0, 0, List.of(), Map.of(), null, "i", false, headers);
        assertThatThrownBy(() -> TaskCodec.encode(message)).isInstanceOf(EncodeException.class);
    }

    @Test
    void writesNoIdNameOrCountThatItWouldNotRead() {
        var tooLong = "é".repeat(128);
        for (var text : List.of("", tooLong, "x".repeat(256))) {
            assertThatThrownBy(() -> TaskCodec.encode(TaskMessage.of(text, "t", List.of(), Map.of(), null, Map.of())))
                    .isInstanceOf(EncodeException.class);
            assertThatThrownBy(() -> TaskCodec.encode(TaskMessage.of("i", text, List.of(), Map.of(), null, Map.of())))
                    .isInstanceOf(EncodeException.class);
        }
        assertThatThrownBy(() -> TaskCodec.encode(TaskMessage.of("i", "t", List.of(), Map.of(), tooLong, Map.of())))
                .isInstanceOf(EncodeException.class);
        for (var retries : List.of(-1, Integer.MIN_VALUE)) {
            var message = new TaskMessage("i", "t", retries, 0, List.of(), Map.of(), null, "i", false, Map.of());
            assertThatThrownBy(() -> TaskCodec.encode(message)).isInstanceOf(EncodeException.class);
        }
    }

    @Test
    void writesArgumentsAsDeepAsItReads() {
        var levels = Json.MAX_DEPTH - 1;
        var encoded = TaskCodec.encode(TaskMessage.of("i", "t", JsonValues.nested(levels), Map.of(), null, Map.of()));
        TaskCodec.decode(encoded.properties(), encoded.body());
        assertThatThrownBy(() -> TaskCodec.encode(
                        TaskMessage.of("i", "t", JsonValues.nested(levels + 1), Map.of(), null, Map.of())))
                .isInstanceOf(EncodeException.class);
    }

    @Test
    void sendsAMessageOnlyToItsOwnQueue() {
        Map<String, Object> headers = Map.of("CC", List.of("farm.tasks"), "BCC", List.of("farm.dead"), "x", 1);
        var message = new TaskMessage("i", "t", 0, 0, List.of(), Map.of(), null, "i", false, headers);
        assertThat(TaskCodec.encode(message).properties().getHeaders())
                .doesNotContainKeys("CC", "BCC")
                .containsEntry("x", 1);
    }

    @Test
    void namesTheLimitThatAnArgumentPasses() {
        var large = JsonValues.nines(Json.MAX_DIGITS + 1);
        assertThatThrownBy(() -> TaskCodec.encode(TaskMessage.of("i", "t", List.of(large), Map.of(), null, Map.of())))
                .isInstanceOf(EncodeException.class)
                .hasMessageContaining("4300 digits");
        assertThatThrownBy(() -> TaskCodec.encode(
                        TaskMessage.of("i", "t", List.of(), Map.of("x", new Object()), null, Map.of())))
                .isInstanceOf(EncodeException.class);
    }

    @Test
    void readsACeleryMessage() {
        var message = decode(BODY);
        assertThat(message.id()).isEqualTo("i");
        assertThat(message.correlationId()).isEqualTo("i");
        assertThat(message.replyTo()).isNull();
        assertThat(message.args()).containsExactly(2L, "é😀");
        assertThat(message.kwargs()).isEqualTo(Map.of("a", Arrays.asList(1.5, null)));
        assertThat(decode("[[],{},null]").args()).isEmpty();
        assertThat(decode("[[],{\"a\":1,\"a\":2},{}]").kwargs()).containsEntry("a", 2L);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                 | the body must be [args, kwargs, embed]
            null               | the body must be [args, kwargs, embed]
            "text"             | the body must be [args, kwargs, embed]
            []                 | the body must be [args, kwargs, embed]
            [[], {}]           | the body must be [args, kwargs, embed]
            [[], {}, {}, null] | the body must be [args, kwargs, embed]
            [{}, {}, {}]       | args must be a list
            [null, {}, {}]     | args must be a list
            ["ab", {}, {}]     | args must be a list
            [[], null, {}]     | kwargs must be an object
            [[], [], {}]       | kwargs must be an object
            [[], {}, "embed"]  | embed must be an object or null
            [[], {}, []]       | embed must be an object or null
            [[], {}, {}        | not JSON within the limits
            """)
    void refusesAnotherBody(String body, String words) {
        refuses(null, null, body.getBytes(StandardCharsets.UTF_8), words);
    }

    static List<Object> noTexts() {
        return List.of("", "x".repeat(256), "é".repeat(128), 7L, true, List.of("i"), Map.of(), new byte[] {65});
    }

    @ParameterizedTest
    @NullSource
    @MethodSource("noTexts")
    void wantsATaskAndAnId(@Nullable Object value) {
        refuses("id", value, BODY.getBytes(StandardCharsets.UTF_8), "header 'id'");
        refuses("task", value, BODY.getBytes(StandardCharsets.UTF_8), "header 'task'");
    }

    @Test
    void wantsHeaders() {
        var bare = new AMQP.BasicProperties.Builder()
                .contentType("application/json")
                .build();
        assertThatThrownBy(() -> TaskCodec.decode(bare, new byte[0])).isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> TaskCodec.decode(new AMQP.BasicProperties(), new byte[0]))
                .isInstanceOf(DecodeException.class);
    }

    static List<Object> noCounts() {
        return List.of(
                -1, -1L, 1L << 31, Long.MIN_VALUE, 1.0, 0.5f, "1", true, new BigDecimal(1), List.of(1), Map.of());
    }

    @ParameterizedTest
    @MethodSource("noCounts")
    void wantsRetriesToBeACount(Object value) {
        refuses("retries", value, BODY.getBytes(StandardCharsets.UTF_8), "header 'retries'");
        refuses("farm-generation", value, BODY.getBytes(StandardCharsets.UTF_8), "header 'farm-generation'");
    }

    @Test
    void readsACountOfAnyWidth() {
        for (var three : List.<Object>of(3L, 3, (short) 3, (byte) 3)) {
            assertThat(decodeWith("retries", three).retries()).isEqualTo(3);
        }
        assertThat(decodeWith("retries", null).retries()).isZero();
        assertThat(decodeWith("retries", Integer.MAX_VALUE).retries()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    @SuppressWarnings("JavaUtilDate") // what amqp-client makes of an AMQP timestamp
    void keepsEveryTypeOfHeader() {
        var bytes = new byte[] {1, 2};
        assertThat(decodeWith("x", bytes).headers()).containsEntry("x", bytes);
        assertThat(decodeWith("x", new Date(0)).headers()).containsEntry("x", new Date(0));
        assertThat(decodeWith("x", List.of(LongStringHelper.asLongString("a"), Map.of("b", 1)))
                        .headers())
                .containsEntry("x", List.of("a", Map.of("b", 1)));
    }

    @Test
    void refusesDeepHeaders() {
        refuses("x", JsonValues.nested(10_000), BODY.getBytes(StandardCharsets.UTF_8), "headers nest deeper");
        Map<String, Object> map = Map.of();
        for (int i = 0; i < 10_000; i++) {
            map = Map.of("x", map);
        }
        refuses("x", map, BODY.getBytes(StandardCharsets.UTF_8), "headers nest deeper");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "application/json; charset=utf-8",
                "application/json ",
                "APPLICATION/JSON",
                "application/x-python-serialize",
                "application/x-yaml",
                "application/x-msgpack",
                "application/data",
                "text/plain"
            })
    void readsOnlyJson(@Nullable String contentType) {
        var properties =
                properties(null, null).builder().contentType(contentType).build();
        assertThatThrownBy(() -> TaskCodec.decode(properties, BODY.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("content type");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/x-gzip", "gzip", "zlib"})
    void inflatesAZlibStreamUnderEachOfItsNames(String name) throws IOException {
        var message = TaskCodec.decode(
                properties("compression", LongStringHelper.asLongString(name)),
                zlib(BODY.getBytes(StandardCharsets.UTF_8)));
        assertThat(message.args()).hasSize(2);
    }

    @Test
    void refusesOtherCompression() throws IOException {
        var plain = BODY.getBytes(StandardCharsets.UTF_8);
        for (var name : List.of("", "application/x-bz2", "ZLIB", "brotli")) {
            refuses("compression", name, zlib(plain), "is not understood");
        }
        refuses("compression", 1L, zlib(plain), "must be a text");
        refuses("compression", "zlib", plain, "not a zlib stream");
        refuses("compression", "zlib", new byte[0], "not a zlib stream");
        refuses(null, null, zlib(plain), "not JSON");
        var gzip = new ByteArrayOutputStream();
        try (var stream = new GZIPOutputStream(gzip)) {
            stream.write(plain);
        }
        refuses("compression", "gzip", gzip.toByteArray(), "not a zlib stream");
    }

    @Test
    void stopsInflatingABomb() {
        // The zeros' first megabyte, and then its other 1 023 by their bytes, which a full flush makes alike.
        var deflater = new Deflater(Deflater.BEST_SPEED);
        deflater.setInput(new byte[1 << 20]);
        var block = new byte[1 << 20];
        var first = deflater.deflate(block, 0, block.length, Deflater.FULL_FLUSH);
        deflater.end();
        var bomb = new ByteArrayOutputStream();
        bomb.write(block, 0, first);
        for (int i = 1; i < 1_024; i++) {
            bomb.write(block, 2, first - 2); // without the stream's own header
        }
        var start = System.nanoTime();
        refuses("compression", "zlib", bomb.toByteArray(), "larger than 16777216 bytes");
        assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
    }

    @Test
    void boundsAPlainBody() {
        refuses(null, null, new byte[Json.MAX_BYTES + 1], "larger than 16777216 bytes");
    }

    @Test
    void survivesEveryDamage() throws IOException {
        var plain = BODY.getBytes(StandardCharsets.UTF_8);
        Damage.truncate(plain, body -> TaskCodec.decode(properties(null, null), body));
        Damage.flipBits(plain, body -> TaskCodec.decode(properties(null, null), body));
        Damage.truncate(zlib(plain), body -> TaskCodec.decode(properties("compression", "zlib"), body));
        Damage.flipBits(zlib(plain), body -> TaskCodec.decode(properties("compression", "zlib"), body));
    }

    @Test
    void survivesDamageToAnyMessage() {
        var values = new JsonValues();
        for (int i = 0; i < 10; i++) {
            var encoded = TaskCodec.encode(TaskMessage.of("i", "t", values.list(), values.map(), null, Map.of()));
            if (encoded.body().length > 800) {
                continue; // a long integer, of which each digit would be tried
            }
            var other = new byte[] {(byte) values.below(256), (byte) values.below(128)};
            List<TaskMessage> read = new ArrayList<>();
            Damage.truncate(encoded.body(), body -> TaskCodec.decode(encoded.properties(), body));
            Damage.shuffle(encoded.body(), 500, values, body -> TaskCodec.decode(encoded.properties(), body));
            Damage.replaceBytes(encoded.body(), other, body -> read.add(TaskCodec.decode(encoded.properties(), body)));
            // What could be read can be written again.
            read.forEach(TaskCodec::encode);
        }
    }
}

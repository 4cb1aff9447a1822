package dev.workerfarm.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.ResultCodec;
import dev.workerfarm.wire.task.ChunkBuilder;
import dev.workerfarm.wire.task.MapChunk;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Execution(ExecutionMode.CONCURRENT)
class JsonWeightTest {
    private static byte[] full(String json) {
        var count = (Json.MAX_BYTES - 10) / (json.length() + 1);
        return ("[" + (json + ",").repeat(count) + json + "]").getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "{}", "{\"\":0}", "[[]]", "\"\"", "7", "null", "1.00", "1234567890.123456789"})
    void aMessageFullOfSmallValuesIsRefused(String json) {
        var body = full(json);

        assertThatThrownBy(() -> Json.readMessage(body))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("too many values");
        assertThatThrownBy(() -> JsonWeight.requireLight(body, JsonWeight.MAX_MESSAGE_BYTES))
                .isInstanceOf(EncodeException.class);
    }

    @Test
    void aMessageOfLegitimateSizeIsRead() {
        var numbers =
                IntStream.range(0, 1_000_000).mapToObj(n -> (Object) (long) n).toList();
        List<List<Object>> manyArguments = Collections.nCopies(50_000, List.of(1L, "two", 3.0));
        Map<String, Object> names = new HashMap<>();
        IntStream.range(0, 100_000).forEach(n -> names.put("name" + n, (long) n));
        var text = "x".repeat(Json.MAX_BYTES - 1_000);
        for (var args : List.<List<Object>>of(
                List.of(numbers), new ArrayList<>(manyArguments), List.of(names), List.of(text))) {
            var encoded = TaskCodec.encode(TaskMessage.of("i", "t", args, Map.of(), null, Map.of()));

            assertThat(TaskCodec.decode(encoded.properties(), encoded.body()).args())
                    .isEqualTo(args);
        }
    }

    @Test
    void theLargestChunkThatAProducerMakesIsRead() {
        for (var item : List.<List<?>>of(List.of(), List.of(1L), List.of(Map.of()), List.of("", "", ""))) {
            var builder = new ChunkBuilder("t", "m", 0, true);
            while (builder.sizeBytes() < 256 * 1024 && builder.count() < MapChunk.MAX_ITEMS - 1) {
                builder.add(item);
            }
            // What takes most that an item may, comes last.
            builder.add(List.of(Collections.nCopies(1_000_000, 7L)));
            var encoded = builder.build("i", "r", Map.of());

            var kwargs = TaskCodec.decode(encoded.properties(), encoded.body()).kwargs();

            assertThat(MapChunk.from(kwargs).items()).hasSize(builder.count());
        }
    }

    @Test
    void whoWouldSendTooManyValuesIsToldAtOnce() {
        List<Object> many = Collections.nCopies(2_000_000, 7L);
        assertThatThrownBy(() -> TaskCodec.encode(TaskMessage.of("i", "t", many, Map.of(), null, Map.of())))
                .isInstanceOf(EncodeException.class)
                .hasMessageContaining("too many values");
        var builder = new ChunkBuilder("t", "m", 0, true);
        builder.add(List.of(1L));
        assertThatThrownBy(() -> builder.add(many)).isInstanceOf(EncodeException.class);
        assertThat(builder.count()).isOne();
    }

    @Test
    void nothingThatIsTooShortToBeWeighedIsTooHeavy() {
        for (var json : List.of("[]", "{}", "{\"\":{}}", "\"\"", "0")) {
            var weight = new JsonWeight(JsonWeight.MAX_ITEM_BYTES);
            var count = JsonWeight.SURELY_LIGHT_BYTES / (json.length() + 1);
            var text = "[" + (json + ",").repeat(count - 1) + json + "]";
            assertThat(text.length()).isLessThanOrEqualTo(JsonWeight.SURELY_LIGHT_BYTES + 1);
            try (var parser = Json.parser(text.getBytes(StandardCharsets.US_ASCII))) {
                for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                    weight.add(token);
                }
            } catch (IOException e) {
                throw new AssertionError(json, e);
            }
        }
    }

    @Test
    void aResultMayHaveAsManyValuesAsItsBytesHold() {
        var many = Collections.nCopies(2_000_000, 7L);
        var encoded = ResultCodec.encode("t", "c", new Outcome.Succeeded(many));
        assertThat(Objects.requireNonNull(
                        ResultCodec.decode(encoded.properties(), encoded.body()).outcome()))
                .isEqualTo(new Outcome.Succeeded(many));
    }
}

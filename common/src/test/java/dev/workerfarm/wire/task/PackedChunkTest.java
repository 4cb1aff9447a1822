package dev.workerfarm.wire.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.json.DecodeException;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.PackedBody;
import dev.workerfarm.wire.PackedList;
import dev.workerfarm.wire.ResultCodec;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packed numbers mean what the same values mean as JSON. */
class PackedChunkTest {
    private static final BigInteger LARGE = BigInteger.TWO.pow(64);

    private final long seed = Long.getLong("test.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private static EncodedMessage chunk(List<? extends List<?>> items) {
        var builder = new ChunkBuilder("square", "m", 100, true);
        items.forEach(builder::add);
        return builder.build("m.100", "r", Map.of(Headers.CUT, true));
    }

    private static MapChunk read(EncodedMessage message) {
        return MapChunk.from(
                TaskCodec.decode(message.properties(), message.body()).kwargs());
    }

    /** Items as a map may have them, of which so many in a hundred are no whole numbers of 64 bits. */
    private List<List<Object>> items(int count, int percentOthers) {
        var others = List.<List<Object>>of(
                List.of(),
                List.of(1.5),
                List.of("[1],"),
                List.of(1L, 2L),
                List.of(LARGE),
                List.of(List.of(7L)),
                List.of(true));
        List<List<Object>> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            items.add(
                    random.nextInt(100) < percentOthers
                            ? others.get(random.nextInt(others.size()))
                            : List.of(random.nextLong() >> random.nextInt(64)));
        }
        return items;
    }

    @RepeatedTest(50)
    void aChunkHasItsItemsAndSoHasEachPartOfItAndEachPartOfThat() {
        var items = items(1 + random.nextInt(200), random.nextInt(60));
        var message = chunk(items);
        assertThat(read(message).items()).as("-Dtest.seed=%d", seed).isEqualTo(items);

        var from = random.nextInt(items.size());
        var to = from + 1 + random.nextInt(items.size() - from);
        var part = new ChunkPart("m.100", from, to).message(message.properties(), message.body());
        assertIsPart(part, items, from, to);
        var inner = from + random.nextInt(to - from);
        assertIsPart(new ChunkPart("m.100", inner, to).message(part.properties(), part.body()), items, inner, to);
    }

    private void assertIsPart(EncodedMessage message, List<List<Object>> items, int from, int to) {
        var part = read(message);
        assertThat(part.items()).as("-Dtest.seed=%d", seed).isEqualTo(items.subList(from, to));
        assertThat(List.of(part.start(), (long) part.from(), (long) part.of()))
                .isEqualTo(List.of(100L + from, (long) from, (long) items.size()));
        assertThat(Objects.requireNonNull(part.root())).isEqualTo("m.100");
        assertThat(message.properties().getCorrelationId()).isEqualTo("m.100/" + from + "-" + to);
    }

    @RepeatedTest(50)
    void aReplyHasTheOutcomesWholeOrInSeveralAndSoHasOneAsJson() {
        var builder = new PackedList.Builder<Outcome>(0);
        List<Outcome> outcomes = new ArrayList<>();
        var percentOthers = random.nextInt(40);
        for (int i = 1 + random.nextInt(300); i > 0; i--) {
            var others = List.of(
                    new Outcome.Succeeded(null),
                    new Outcome.Succeeded(LARGE),
                    new Outcome.Succeeded("text"),
                    new Outcome.Failed(Failure.builtin("ValueError", "no")));
            if (random.nextInt(100) < percentOthers) {
                outcomes.add(others.get(random.nextInt(others.size())));
                builder.add(outcomes.get(outcomes.size() - 1));
            } else {
                var number = random.nextLong();
                outcomes.add(new Outcome.Succeeded(number));
                builder.addNumber(number);
            }
        }
        var result = new MapChunkResult(builder.build(Outcome.Succeeded::new), 50);
        var most = 200 + random.nextInt(5_000);

        List<Outcome> back = new ArrayList<>();
        for (var part : result.toReplies(most, most, "")) {
            var reply = ResultCodec.encodePacked("id", "id", part.json(), Objects.requireNonNull(part.numbers()));
            assertThat(reply.body().length).isLessThan(most + 4_096);
            var read = (Outcome.Succeeded) Objects.requireNonNull(
                    ResultCodec.decode(reply.properties(), reply.body()).outcome());
            back.addAll(MapChunkResult.from(read.value(), outcomes.size()).outcomes());
        }
        assertThat(back).as("-Dtest.seed=%d", seed).isEqualTo(outcomes);

        var json = ResultCodec.encode("id", "id", new Outcome.Succeeded(result));
        var read = (Outcome.Succeeded) Objects.requireNonNull(
                ResultCodec.decode(json.properties(), json.body()).outcome());
        assertThat(MapChunkResult.from(read.value(), outcomes.size()).outcomes())
                .isEqualTo(outcomes);
    }

    @Test
    void numbersArePackedWhateverTheirJavaTypeAndOnlyWhatIsNoneIsJson() {
        List<List<Object>> items = new ArrayList<>();
        LongStream.range(0, 40).forEach(i -> items.add(List.of(i)));
        items.add(List.of(1));
        items.add(List.of((short) 2));
        items.add(List.of((byte) 3));
        items.add(List.of(BigInteger.valueOf(Long.MIN_VALUE)));
        items.add(List.of(LARGE));
        var message = chunk(items);

        assertThat(Body.isPacked(message.properties())).isTrue();
        var body = PackedBody.read(message.properties(), Map.of(), message.body());
        assertThat(Arrays.copyOfRange(body.numbers(), 40, 45)).containsExactly(1, 2, 3, Long.MIN_VALUE, 0);
        assertThat(new String(body.json(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "[[],{\"task\":\"square\",\"map\":\"m\",\"start\":100,\"items\":{\"44\":[" + LARGE + "]}},{}]");
        assertThat(read(message).item(44)).isEqualTo(List.of(LARGE));
    }

    @Test
    void fewNumbersAreJson() {
        assertThat(Body.isPacked(chunk(items(15, 0)).properties())).isFalse();
        assertThat(Body.isPacked(chunk(items(16, 0)).properties())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "000000",
                "00000009",
                "7fffffff",
                "ffffffff",
                "0000000000",
                "00000002" + "7b7d", // no list
                "00000002" + "5b5d", // nothing in it
                "0000000a" + "5b5b5d2c7b7d2c7b7d5d", // no items
            })
    void whatIsNoPackedChunkIsRefused(String hex) {
        var bytes = java.util.HexFormat.of().parseHex(hex);
        var properties = chunk(items(20, 0)).properties();

        assertThatThrownBy(
                        () -> MapChunk.from(TaskCodec.decode(properties, bytes).kwargs()))
                .isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> new ChunkPart("m.100", 0, 1).message(properties, bytes))
                .isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> ResultCodec.decode(properties, bytes)).isInstanceOf(DecodeException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"2\":[1]}", "{\"-1\":[1]}", "{\"x\":[1]}", "{\"0\":1}", "{\"0\":null}", "[]", "null", "1"})
    void othersThatAreNoItemsOfTheChunkAreRefused(String others) {
        var json = "[[],{\"task\":\"t\",\"map\":\"m\",\"start\":0,\"items\":" + others + "},{}]";
        var body = PackedBody.write(json.getBytes(StandardCharsets.UTF_8), new long[] {1, 2}, 0, 2);
        var properties = chunk(items(20, 0)).properties();

        assertThatThrownBy(
                        () -> MapChunk.from(TaskCodec.decode(properties, body).kwargs()))
                .isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> new ChunkPart("m.100", 0, 1).message(properties, body))
                .isInstanceOf(DecodeException.class);
    }

    @RepeatedTest(200)
    void anyBytesAreReadOrRefused() {
        var message = chunk(items(20, 30));
        var bytes = message.body().clone();
        for (int i = random.nextInt(8); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        var cut = Arrays.copyOf(bytes, random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length);
        try {
            TaskCodec.decode(message.properties(), cut);
            new ChunkPart("m.100", 0, 5).message(message.properties(), cut);
        } catch (DecodeException e) {
            assertThat(e).as("-Dtest.seed=%d", seed).message().isNotBlank();
        }
    }
}

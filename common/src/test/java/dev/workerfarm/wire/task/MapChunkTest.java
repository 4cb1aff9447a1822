package dev.workerfarm.wire.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.Damage;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.json.JsonValues;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.ResultCodec;
import dev.workerfarm.wire.WrongArgumentsException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MapChunkTest {
    private static MapChunk thereAndBack(ChunkBuilder builder) {
        var encoded = builder.build("m.0", "replies", Map.of());
        var message = TaskCodec.decode(encoded.properties(), encoded.body());
        assertThat(message.task()).isEqualTo(MapChunk.TASK);
        assertThat(message.id()).isEqualTo("m.0");
        assertThat(message.replyTo()).isEqualTo("replies");
        assertThat(message.args()).isEmpty();
        return MapChunk.from(message.kwargs());
    }

    private static MapChunkResult thereAndBack(List<Outcome> outcomes) {
        var encoded = ResultCodec.encode("m.0", "m.0", new Outcome.Succeeded(new MapChunkResult(outcomes, 7).toJson()));
        var decoded = Objects.requireNonNull(
                ResultCodec.decode(encoded.properties(), encoded.body()).outcome());
        return MapChunkResult.from(((Outcome.Succeeded) decoded).value(), outcomes.size());
    }

    private static Outcome succeeded(Object value) {
        return new Outcome.Succeeded(value);
    }

    private static void assertFailed(Outcome outcome, String words) {
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.failure().type()).isEqualTo("ValueError");
            assertThat(failed.failure().text()).contains(words);
        });
    }

    @Test
    void givesEveryItemBack() {
        var values = new JsonValues();
        for (int i = 0; i < 500; i++) {
            var task = values.text();
            var mapId = values.text();
            List<List<Object>> items = new ArrayList<>();
            var builder = new ChunkBuilder(task, mapId, Integer.MAX_VALUE + 5L, true);
            for (int n = values.below(10); n > 0; n--) {
                items.add(values.list());
                builder.add(items.get(items.size() - 1));
            }
            assertThat(builder.count()).isEqualTo(items.size());
            assertThat(thereAndBack(builder))
                    .as("%s, chunk %d", values, i)
                    .isEqualTo(new MapChunk(task, mapId, Integer.MAX_VALUE + 5L, items));
        }
    }

    @Test
    void leavesTheChunkAsItWasWhenAnItemCannotTravel() {
        var builder = new ChunkBuilder("t", "m", 0, true);
        for (var bad : List.of(new Object(), JsonValues.nines(4_301), "x".repeat(ChunkBuilder.MAX_ITEM_BYTES))) {
            assertThatThrownBy(() -> builder.add(List.of(1, bad))).isInstanceOf(EncodeException.class);
        }
        assertThat(builder.count()).isZero();
        assertThat(builder.sizeBytes()).isZero();
        builder.add(List.of(1L));
        assertThatThrownBy(() -> builder.add(List.of(new Object()))).isInstanceOf(EncodeException.class);
        assertThat(thereAndBack(builder).items()).containsExactly(List.of(1L));
    }

    @Test
    void refusesAnItemThatWouldBeTooDeepInsideTheMessage() {
        for (int levels = Json.MAX_DEPTH - 20; levels <= Json.MAX_DEPTH; levels++) {
            var builder = new ChunkBuilder("t", "m", 0, true);
            try {
                builder.add(JsonValues.nested(levels));
            } catch (EncodeException e) {
                continue;
            }
            assertThat(thereAndBack(builder).items()).hasSize(1);
        }
    }

    @Test
    void refusesAMessageBeyondTheLimit() {
        var builder = new ChunkBuilder("t", "m", 0, true);
        builder.add(List.of("x".repeat(9 << 20)));
        builder.add(List.of("x".repeat(9 << 20)));
        assertThatThrownBy(() -> builder.build("i", "r", Map.of()))
                .isInstanceOf(EncodeException.class)
                .hasMessageContaining("16777216");
    }

    @Test
    void takesTheLargestItemBehindSmallOnes() {
        var builder = new ChunkBuilder("t", "m", 0, true);
        builder.add(List.of("x".repeat(256 * 1024)));
        builder.add(List.of("x".repeat(ChunkBuilder.MAX_ITEM_BYTES - 4)));
        assertThat(thereAndBack(builder).items()).hasSize(2);
    }

    @Test
    void namesAnItemByItsPlaceInTheWholeMap() {
        assertThat(new MapChunk("t", "map", 5_000_000_000L, List.of()).itemId(2))
                .isEqualTo("map:5000000002");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'task':1,'map':'m','start':0,'items':[]}",
                "{'task':'t','map':null,'start':0,'items':[]}",
                "{'task':'t','map':'m','start':-1,'items':[]}",
                "{'task':'t','map':'m','start':0.0,'items':[]}",
                "{'task':'t','map':'m','start':9223372036854775808,'items':[]}",
                "{'task':'t','map':'m','start':9223372036854775807,'items':[[],[]]}",
                "{'task':'t','map':'m','start':0,'items':{}}",
                "{'task':'t','map':'m','start':0,'items':[[],1]}",
                "{'task':'t','map':'m','start':0,'items':[null]}",
                "{'task':'t','map':'m','start':0,'items':[],'root':1}",
                "{'task':'t','map':'m','start':0,'items':[],'root':'m.0','from':-1}",
                "{'task':'t','map':'m','start':0,'items':[[]],'root':'m.0','from':20000}"
            })
    @SuppressWarnings("unchecked") // an object's names are Strings
    void refusesArgumentsThatAreNoChunk(String kwargs) {
        var map = (Map<String, Object>) Objects.requireNonNull(Json.read(kwargs.replace('\'', '"')));
        assertThatThrownBy(() -> MapChunk.from(map))
                .isInstanceOf(WrongArgumentsException.class)
                .hasMessageStartingWith("workerfarm.map() wants");
    }

    @Test
    void refusesMoreItemsOrLongerNamesThanAProducerSends() {
        List<List<Object>> most = Collections.nCopies(MapChunk.MAX_ITEMS, List.of());
        assertThat(MapChunk.from(Map.of("task", "t", "map", "m", "start", 0L, "items", most))
                        .items())
                .hasSize(MapChunk.MAX_ITEMS);
        List<List<Object>> more = Collections.nCopies(MapChunk.MAX_ITEMS + 1, List.of());
        var tooLong = "x".repeat(256);
        for (var wrong : List.of(
                Map.<String, Object>of("task", "t", "map", "m", "start", 0L, "items", more),
                Map.<String, Object>of("task", tooLong, "map", "m", "start", 0L, "items", List.of()),
                Map.<String, Object>of("task", "t", "map", tooLong, "start", 0L, "items", List.of()))) {
            assertThatThrownBy(() -> MapChunk.from(wrong)).isInstanceOf(WrongArgumentsException.class);
        }
    }

    @Test
    void givesEveryOutcomeBack() {
        var values = new JsonValues();
        for (int i = 0; i < 500; i++) {
            List<Outcome> outcomes = new ArrayList<>();
            for (int n = values.below(10); n > 0; n--) {
                outcomes.add(
                        values.below(3) == 0
                                ? new Outcome.Failed(new Failure(values.text(), "m", values.text(), values.text()))
                                : new Outcome.Succeeded(values.value()));
            }
            assertThat(thereAndBack(outcomes)).as("%s, chunk %d", values, i).isEqualTo(new MapChunkResult(outcomes, 7));
        }
    }

    @Test
    void sparesTheNeighboursOfAResultThatCannotTravel() {
        var back = thereAndBack(List.of(
                succeeded(1L),
                succeeded(new Object()),
                succeeded(JsonValues.nines(4_301)),
                succeeded(JsonValues.nested(Json.MAX_DEPTH)),
                succeeded("x".repeat(Json.MAX_BYTES)),
                succeeded("last")));
        assertThat(back.outcomes().get(0)).isEqualTo(succeeded(1L));
        assertFailed(back.outcomes().get(1), "the task's result cannot be written as JSON");
        assertFailed(back.outcomes().get(2), "4300 digits");
        assertFailed(back.outcomes().get(3), "cannot be written as JSON");
        assertFailed(back.outcomes().get(4), "more than");
        assertThat(back.outcomes().get(5)).isEqualTo(succeeded("last"));
    }

    @Test
    void failsOnlyTheItemsWhoseResultsNoLongerFit() {
        var large = succeeded("x".repeat(6 << 20));
        var back = thereAndBack(List.of(large, large, large, succeeded(4L)));
        assertThat(back.outcomes().subList(0, 2)).containsExactly(large, large);
        assertFailed(back.outcomes().get(2), "take smaller chunks");
        assertThat(back.outcomes().get(3)).isEqualTo(succeeded(4L));
    }

    @Test
    void givesResultsTogetherLargerThanAReplyInSeveral() {
        var large = succeeded("x".repeat(6 << 20));
        var small = succeeded(1L);
        var result = new MapChunkResult(List.of(large, small, large, large, succeeded("x".repeat(16 << 20))), 50);

        var replies = result.toReplies(MapChunkResult.MAX_BYTES, MapChunkResult.MAX_BYTES, "").stream()
                .map(reply -> MapChunkResult.from(Json.read(Json.write(reply.json())), 5))
                .toList();

        assertThat(replies)
                .extracting(MapChunkResult::from, reply -> reply.outcomes().size())
                .containsExactly(tuple(0, 3), tuple(3, 2));
        assertThat(replies.get(0)).isEqualTo(new MapChunkResult(List.of(large, small, large), 30, 0));
        assertThat(replies.get(1).outcomes().get(0)).isEqualTo(large);
        assertFailed(replies.get(1).outcomes().get(1), "the task's result");
    }

    @Test
    void anItemThatIsLargeForAReplyHasOneOfItsOwn() {
        var large = succeeded("x".repeat(500));
        var result = new MapChunkResult(List.of(succeeded(1L), large, succeeded(2L), succeeded(3L)), 50);

        assertThat(result.toReplies(1_000, 100, ""))
                .extracting(reply -> MapChunkResult.from(Json.read(Json.write(reply.json())), 4))
                .extracting(MapChunkResult::from, reply -> reply.outcomes().size())
                .containsExactly(tuple(0, 1), tuple(1, 1), tuple(2, 2));
    }

    @Test
    void whatFitsOneReplyIsWrittenAsBefore() {
        var result = new MapChunkResult(List.of(succeeded(1L), succeeded("a")), 50);
        assertThat(result.toReplies(1_000, 1_000, "")).hasSize(1);
        assertThat(Json.text(result.toReplies(1_000, 1_000, "").get(0).json())).isEqualTo(Json.text(result));
        assertThat(Json.text(result)).doesNotContain("from");
    }

    @Test
    void cutsPartsOutOfAChunkAndOutOfAPart() {
        var items = List.<List<Object>>of(List.of("a]\"[", 1L), List.of(), List.of(List.of(2L)), List.of(1.50, "é"));
        var builder = new ChunkBuilder("t", "m", 100, true);
        items.forEach(builder::add);
        var chunk = builder.build("m.100", "r", Map.of(Headers.CUT, true));

        var part = new ChunkPart("m.100", 1, 4).message(chunk.properties(), chunk.body());
        var inner = new ChunkPart("m.100", 2, 3).message(part.properties(), part.body());

        for (var each : List.of(part, inner)) {
            var message = TaskCodec.decode(each.properties(), each.body());
            var read = MapChunk.from(message.kwargs());
            var named = Objects.requireNonNull(ChunkPart.of(message.id()));
            assertThat(message.replyTo()).isEqualTo("r");
            assertThat(message.correlationId()).isEqualTo(message.id());
            assertThat(message.takesParts()).isTrue();
            assertThat(named).isEqualTo(new ChunkPart(Objects.requireNonNull(read.root()), read.from(), read.to()));
            assertThat(read.items()).isEqualTo(items.subList(read.from(), read.to()));
            assertThat(read.itemId(read.from())).isEqualTo("m:" + (100 + read.from()));
            assertThat(read.isOneItem()).isFalse();
        }
        assertThat(new String(part.body(), StandardCharsets.US_ASCII)).contains("1.5,\"\\u00E9\"");
        assertThatThrownBy(() -> new ChunkPart("m.100", 0, 5).message(chunk.properties(), chunk.body()))
                .isInstanceOf(DecodeException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"m.0", "m.0/", "m.0/1", "m.0/2-2", "m.0/3-2", "/1-2", "m.0/0-20001", "m.0/-1-2"})
    void anIdThatNamesNoPartIsNone(String id) {
        assertThat(ChunkPart.of(id)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "{}",
                "{'values':[1],'failures':{},'nanos':1}",
                "{'values':[1,2],'failures':[],'nanos':1}",
                "{'values':[1,2],'failures':{},'nanos':1.0}",
                "{'values':[1,2],'failures':{}}",
                "{'values':[1,2],'failures':{},'nanos':1,'from':1}",
                "{'values':[1],'failures':{},'nanos':1,'from':-1}",
                "{'values':[1],'failures':{},'nanos':1,'from':'0'}"
            })
    void refusesAResultThatIsNoChunkOfThatSize(String json) {
        var value = Json.read(json.replace('\'', '"'));
        assertThatThrownBy(() -> MapChunkResult.from(value, 2)).isInstanceOf(DecodeException.class);
    }

    @Test
    void survivesEveryDamage() {
        var builder = new ChunkBuilder("t", "m", 0, true);
        builder.add(List.of(1, "é"));
        builder.add(List.of());
        var chunk = builder.build("i", "r", Map.of());
        Damage.Decoder decoder = body -> {
            var kwargs = TaskCodec.decode(chunk.properties(), body).kwargs();
            try {
                return MapChunk.from(kwargs);
            } catch (WrongArgumentsException e) {
                return null; // as the sender is told
            }
        };
        Damage.flipBits(chunk.body(), decoder);
        Damage.shuffle(chunk.body(), 5_000, new JsonValues(), decoder);
        var outcomes = new MapChunkResult(List.of(succeeded(1), new Outcome.Failed(Failure.builtin("E", "x"))), 7);
        var result = Json.write(outcomes.toJson());
        Damage.flipBits(result, body -> MapChunkResult.from(Json.read(body), 2));
        Damage.shuffle(result, 5_000, new JsonValues(), body -> MapChunkResult.from(Json.read(body), 2));
    }

    @Test
    void readsFailuresOfAnyShape() {
        var failures = new HashMap<String, Object>(Map.of("0", Map.of(), "1", "no object", "7", Map.of()));
        Map<String, Object> json = Map.of("values", List.of(1L, 2L), "failures", failures, "nanos", 1L);
        assertThat(MapChunkResult.from(json, 2).outcomes())
                .containsExactly(new Outcome.Failed(new Failure("Exception", "builtins", "null", null)), succeeded(2L));
    }
}

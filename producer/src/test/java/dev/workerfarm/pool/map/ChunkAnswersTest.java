package dev.workerfarm.pool.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishException.MessageRefused;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.task.ChunkBuilder;
import dev.workerfarm.wire.task.MapChunk;
import dev.workerfarm.wire.task.MapChunkResult;
import dev.workerfarm.wire.task.TaskCodec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ChunkAnswersTest {
    private static final int COUNT = 8;
    private static final Outcome FAILED = new Outcome.Failed(Failure.builtin("ValueError", "all of it"));

    private final EncodedMessage message = message();
    private final ChunkSizer sizer = new ChunkSizer(0, 1, new MeasuredTime());
    private final ChunkAnswers answers = new ChunkAnswers("m.0", COUNT, message, sizer);

    private static EncodedMessage message() {
        var chunk = new ChunkBuilder("square", "m", 0, true);
        for (long i = 0; i < COUNT; i++) {
            chunk.add(List.of(i));
        }
        return chunk.build("m.0", "replies", Map.of());
    }

    private static Outcome succeeded(long value) {
        return new Outcome.Succeeded(value);
    }

    /** A reply of the items from one place on, each with this value. */
    private void answer(String id, int from, long... values) {
        var outcomes =
                LongStream.of(values).mapToObj(ChunkAnswersTest::succeeded).toList();
        var json = new MapChunkResult(outcomes, 1_000, from).toJson();
        answers.answered(id, new Outcome.Succeeded(Json.read(Json.write(json))));
    }

    /** The items that messages carry, by their argument. */
    private static List<Object> items(List<EncodedMessage> messages) {
        List<Object> items = new ArrayList<>();
        for (var each : messages) {
            var chunk = MapChunk.from(
                    TaskCodec.decode(each.properties(), each.body()).kwargs());
            items.add(chunk.items().stream().map(args -> args.get(0)).toList());
        }
        return items;
    }

    @Test
    void isDoneWhenAllItemsAreAnsweredByWhateverReplies() {
        answer("m.0/4-8", 4, 4, 5, 6, 7);
        assertThat(answers.done()).isNotDone();
        answer("m.0", 0, 0, 1, 2, 3);

        assertThat(answers.done().join())
                .containsExactlyElementsOf(LongStream.range(0, COUNT)
                        .mapToObj(ChunkAnswersTest::succeeded)
                        .toList());
    }

    @Test
    void theFirstOutcomeOfAnItemCounts() {
        answer("m.0/2-4", 2, 20, 30);
        answer("m.0", MapChunkResult.WHOLE, 0, 1, 2, 3, 4, 5, 6, 7);

        assertThat(answers.done().join().subList(1, 5))
                .containsExactly(succeeded(1), succeeded(20), succeeded(30), succeeded(4));
    }

    @Test
    void aFailureOfAPartIsThatOfItsItemsAndNoOthers() {
        answers.answered("m.0/4-8", FAILED);
        answer("m.0", 0, 0, 1, 2, 3);

        assertThat(answers.done().join().subList(3, 6)).containsExactly(succeeded(3), FAILED, FAILED);
    }

    @Test
    void aFailureOfTheChunkIsThatOfAllThatIsNotAnswered() {
        answer("m.0/4-8", 4, 4, 5, 6, 7);
        answers.answered("m.0", FAILED);

        assertThat(answers.done().join().subList(3, 5)).containsExactly(FAILED, succeeded(4));
    }

    @Test
    void asksForWhatIsNotAnsweredAndForNothingElse() {
        assertThat(answers.unanswered()).containsExactly(message);
        answer("m.0/2-4", 2, 2, 3);
        answer("m.0/5-6", 5, 5);

        assertThat(items(answers.unanswered())).containsExactly(List.of(0L, 1L), List.of(4L), List.of(6L, 7L));
        assertThat(answers.unanswered())
                .extracting(each -> each.properties().getCorrelationId())
                .containsExactly("m.0/0-2", "m.0/4-5", "m.0/6-8");
    }

    @Test
    void aReplyThatIsNoneOfThisChunkFailsIt() {
        answer("m.0", 7, 7, 8);

        assertThatThrownBy(answers.done()::join).hasCauseInstanceOf(DecodeException.class);
    }

    @Test
    void halvesTakeThePlaceOfARefusedMessageUntilTheGuiltyItemFailsAlone() {
        var refused = new MessageRefused("size 9 is larger than 4");
        List<List<Object>> taken = new ArrayList<>();
        var open = new ArrayDeque<>(answers.unanswered());
        while (!open.isEmpty()) {
            var next = open.remove();
            var chunk = MapChunk.from(
                    TaskCodec.decode(next.properties(), next.body()).kwargs());
            if (chunk.items().contains(List.<Object>of(5L))) {
                open.addAll(answers.refused(next, refused));
            } else {
                chunk.items().forEach(taken::add);
                answer(
                        next.properties().getCorrelationId(),
                        chunk.from(),
                        new long[chunk.items().size()]);
            }
        }

        assertThat(taken).hasSize(COUNT - 1);
        assertThat(answers.done().join().get(5))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.failure().text()).contains("size 9 is larger than 4"));
    }

    @Test
    void aMessageThatIsLostForAnotherReasonFailsTheChunk() {
        assertThat(answers.refused(message, new PublishException("returned"))).isEmpty();

        assertThatThrownBy(answers.done()::join).hasCauseInstanceOf(PublishException.class);
    }

    @Test
    void eachReplySaysHowLongItemsRun() {
        answer("m.0/4-8", 4, 4, 5, 6, 7); // 1 µs

        assertThat(sizer.next(-1)).isEqualTo(200_000);
    }
}

package dev.workerfarm.wire.letter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.LongStringHelper;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LetterTest {
    private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");

    private static Letter buried(AMQP.BasicProperties properties, byte[] body) {
        var letter = new DeadLetter(
                        "unknown-task",
                        new Failure("NotRegistered", "celery.exceptions", "nix", "a stack"),
                        "farm.tasks",
                        "worker-1@host.7",
                        Instant.parse("2026-01-02T03:04:05Z"))
                .encode(properties, body);
        return Letter.decode(letter.properties(), letter.body());
    }

    private static Letter buried(TaskMessage message) {
        var encoded = TaskCodec.encode(message);
        return buried(encoded.properties(), encoded.body());
    }

    private static TaskMessage task(Map<String, Object> headers) {
        return new TaskMessage(
                "id", "nix", 2, 4, List.of(1L), Map.of("k", "v"), "replies", "id", false, Map.copyOf(headers));
    }

    @Test
    void saysWhyAndWhatItIsAbout() {
        var letter = buried(task(Map.of("mine", "x")));

        assertThat(letter.id()).isEqualTo("id");
        assertThat(letter.task()).isEqualTo("nix");
        assertThat(letter.reason()).isEqualTo("unknown-task");
        assertThat(letter.failure()).isEqualTo("NotRegistered: nix");
        assertThat(letter.stack()).isEqualTo("a stack");
        assertThat(letter.queue()).isEqualTo("farm.tasks");
        assertThat(letter.worker()).isEqualTo("worker-1@host.7");
        assertThat(letter.at()).isEqualTo("2026-01-02T03:04:05Z");
        assertThat(letter.generation()).isEqualTo(4);
        assertThat(letter.attempts()).isEqualTo(3);
        assertThat(letter.headers()).containsEntry("mine", "x").doesNotContainKey("farm-dead-reason");
        assertThat(letter.content()).isEqualTo(Map.of("args", List.of(1L), "kwargs", Map.of("k", "v")));
    }

    @Test
    void theSameLetterIsReplayedInTheSameGenerationHoweverOften() {
        var letter = buried(task(Map.of("mine", "x", "eta", "2026-01-02T03:04:05Z")));
        for (int i = 0; i < 2; i++) {
            var replayed = letter.replay(NOW);
            var task = TaskCodec.decode(replayed.properties(), replayed.body());

            assertThat(task.generation()).isEqualTo(5);
            assertThat(task.retries()).isZero();
            assertThat(task.storesResult()).isTrue();
            assertThat(task.published()).isEqualTo(NOW);
            assertThat(task.args()).isEqualTo(List.of(1L));
            assertThat(task.replyTo()).isEqualTo("replies");
            assertThat(task.headers()).containsEntry("mine", "x").containsEntry("eta", null);
            assertThat(task.headers().keySet()).noneMatch(name -> name.startsWith("farm-dead-"));
        }
    }

    @Test
    void keepsTheLastTenGenerationsOfItsHistory() {
        var message = task(Map.of());
        var encoded = TaskCodec.encode(message);
        for (int i = 0; i < 12; i++) {
            encoded = buried(encoded.properties(), encoded.body()).replay(NOW);
        }
        var task = TaskCodec.decode(encoded.properties(), encoded.body());

        assertThat(task.generation()).isEqualTo(16);
        var history = buried(encoded.properties(), encoded.body()).history();
        assertThat(history).hasSize(10);
        assertThat(history.get(9))
                .containsEntry("generation", 16)
                .containsEntry("reason", "unknown-task")
                .containsEntry("failure", "NotRegistered: nix");
        assertThat(history.get(0)).containsEntry("generation", 7);
    }

    @Test
    void unpacksAnEnvelope() {
        var letter = buried(task(Map.of("large", "x".repeat(70_000))));

        assertThat(letter.id()).isEqualTo("id");
        assertThat(letter.content()).containsEntry("args", List.of(1L));
        var replayed = letter.replay(NOW);
        var task = TaskCodec.decode(replayed.properties(), replayed.body());
        assertThat(task.generation()).isEqualTo(5);
        assertThat(task.replyTo()).isEqualTo("replies");
        assertThat(task.headers().get("large")).isEqualTo("x".repeat(70_000));
    }

    @Test
    void aMessageOfWhichOnlyTheBeginningWasKeptIsNotReplayed() {
        var encoded = TaskCodec.encode(task(Map.of("large", "x".repeat(70_000))));
        var letter = buried(encoded.properties(), new byte[5 * 1024 * 1024]);

        assertThat(letter.truncated()).isTrue();
        assertThatThrownBy(() -> letter.replay(NOW))
                .isInstanceOf(EncodeException.class)
                .hasMessageContaining("beginning");
    }

    @Test
    void takesWhatTheBrokerAddedForNoPartOfTheMessage() {
        Map<String, Object> headers = new HashMap<>();
        headers.put("x-delivery-count", 7L);
        headers.put("x-first-death-queue", LongStringHelper.asLongString("theirs"));
        headers.put("x-death", List.of());
        var letter = Letter.decode(
                new AMQP.BasicProperties.Builder()
                        .correlationId("c")
                        .headers(headers)
                        .build(),
                new byte[0]);

        assertThat(letter.id()).isEqualTo("c");
        assertThat(letter.reason()).isEqualTo("unknown");
        assertThat(letter.queue()).isEqualTo("theirs");
        assertThat(letter.replay(NOW).properties().getHeaders()).doesNotContainKeys("x-delivery-count", "x-death");
    }

    @Test
    void aMessageWithoutAnIdThatCanBeTypedHasOneOfItsContent() {
        var empty = new AMQP.BasicProperties();
        var control =
                new AMQP.BasicProperties.Builder().correlationId("a\u001b[2J").build();

        assertThat(Letter.decode(empty, new byte[] {1}).id()).matches("letter-[0-9a-f]{12}");
        assertThat(Letter.decode(control, new byte[] {1}).id())
                .isEqualTo(Letter.decode(empty, new byte[] {1}).id());
        assertThat(Letter.decode(empty, new byte[] {2}).id())
                .isNotEqualTo(Letter.decode(empty, new byte[] {1}).id());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no JSON",
                "[]",
                "{}",
                "{\"headers\":\"no JSON\",\"body\":\"\"}",
                "{\"headers\":\"[]\",\"body\":\"\"}",
                "{\"headers\":\"{}\",\"body\":\"?\"}",
                "{\"headers\":\"{}\",\"body\":7}"
            })
    void showsAStrangersEnvelopeAsItCame(String body) {
        var properties = new AMQP.BasicProperties.Builder()
                .headers(Map.of(
                        "farm-dead-envelope", true, "farm-generation", "many", "retries", -1L, "farm-dead-exit", 137L))
                .build();

        var letter = Letter.decode(properties, body.getBytes(java.nio.charset.StandardCharsets.UTF_8));

        assertThat(letter.content()).containsEntry("text", body);
        assertThat(letter.generation()).isZero();
        assertThat(letter.attempts()).isOne();
        assertThat(letter.more()).containsEntry("exit", 137L);
        assertThat(letter.replay(NOW).properties().getHeaders()).containsEntry("farm-generation", 1);
    }
}

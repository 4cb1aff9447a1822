package dev.workerfarm.wire.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.json.Damage;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.JsonValues;
import dev.workerfarm.wire.control.ControlMessage.Revoke.Running;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlCodecTest {
    private static final AMQP.BasicProperties JSON = new AMQP.BasicProperties.Builder()
            .contentType("application/json")
            .contentEncoding("utf-8")
            .build();

    private static WorkerStatus status() {
        return new WorkerStatus(
                "cpu-1@host.7",
                "host",
                "cpu",
                List.of("farm.tasks"),
                "0.1.0",
                1_700_000_000_000L,
                1,
                List.of(new WorkerStatus.Running("id", "square", 12)),
                3,
                40,
                2,
                Map.of("farm.tasks", 4),
                List.of("Redis is away"),
                List.of("echo", "square"));
    }

    private static ControlMessage read(String json) {
        return ControlCodec.decode(JSON, json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsBackWhatItWrites() {
        for (var message : List.of(
                new ControlMessage.Revoke(List.of("a", "b"), Running.GOES_ON),
                new ControlMessage.Revoke(List.of("a"), Running.IS_INTERRUPTED),
                new ControlMessage.Revoke(List.of("a"), Running.IS_KILLED),
                new ControlMessage.Status())) {
            var encoded = ControlCodec.encode(message, "replies");

            assertThat(encoded.properties().getReplyTo()).isEqualTo("replies");
            assertThat(ControlCodec.decode(encoded.properties(), encoded.body()))
                    .isEqualTo(message);
        }
    }

    @Test
    void readsCelerysRevokeOfOneTask() {
        assertThat(read("{\"method\":\"revoke\",\"arguments\":{\"task_id\":\"a\",\"terminate\":false}}"))
                .isEqualTo(new ControlMessage.Revoke(List.of("a"), Running.GOES_ON));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{\"method\":\"revoke\"}",
                "{\"method\":\"revoke\",\"arguments\":[]}",
                "{\"method\":\"revoke\",\"arguments\":{}}",
                "{\"method\":\"revoke\",\"arguments\":{\"task_id\":[1]}}",
                "{\"method\":\"shutdown\",\"arguments\":{}}"
            })
    void whatIsNoControlMessageOfOursIsRefused(String json) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(DecodeException.class);
    }

    @Test
    void aStrangerCannotRevokeWithoutBound() {
        var ids = Collections.nCopies(ControlMessage.Revoke.MAX_IDS + 1, "\"a\"");

        assertThatThrownBy(() -> read("{\"method\":\"revoke\",\"arguments\":{\"task_id\":" + ids + "}}"))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("at most 1000");
    }

    @Test
    void survivesEveryDamage() {
        var random = new JsonValues();
        var status = ControlCodec.encode(status());
        Damage.flipBits(status.body(), body -> ControlCodec.decodeStatus(JSON, body));
        Damage.shuffle(status.body(), 3_000, random, body -> ControlCodec.decodeStatus(JSON, body));
        for (var message : List.of(
                new ControlMessage.Revoke(List.of("a", "b"), ControlMessage.Revoke.Running.IS_KILLED),
                new ControlMessage.Status())) {
            var encoded = ControlCodec.encode(message);
            Damage.truncate(encoded.body(), body -> ControlCodec.decode(JSON, body));
            Damage.flipBits(encoded.body(), body -> ControlCodec.decode(JSON, body));
            Damage.shuffle(encoded.body(), 3_000, random, body -> ControlCodec.decode(JSON, body));
        }
    }

    @Test
    void aMessageThatIsTooLargeOrAsksForADirectReplyIsRefused() {
        var body = ControlCodec.encode(new ControlMessage.Status()).body();
        var direct = JSON.builder().replyTo("amq.rabbitmq.reply-to.AAAA.x").build();
        assertThatThrownBy(() -> ControlCodec.decode(direct, body)).isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> ControlCodec.decode(JSON, new byte[3 << 20]))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("at most");
    }

    @Test
    void aStatusOfAnOlderWorkerIsReadToo() {
        var older = """
                {"worker":"cpu-1@host.7","host":"host","lane":"cpu","queues":["farm.tasks"],"version":"0.1.0",
                "sinceMillis":1,"concurrency":1,"running":[],"waiting":3,"succeeded":40,"failed":2}""";

        var status = ControlCodec.decodeStatus(JSON, older.getBytes(StandardCharsets.UTF_8));

        assertThat(status.waiting()).isEqualTo(3);
        assertThat(status.unacked()).isEmpty();
    }

    @Test
    void aStatusOfANewerWorkerIsReadToo() {
        var status = status();
        var encoded = ControlCodec.encode(status);
        var text = new String(encoded.body(), StandardCharsets.UTF_8);
        var newer = "{\"news\":1," + text.substring(1);

        assertThat(ControlCodec.decodeStatus(encoded.properties(), encoded.body()))
                .isEqualTo(status);
        assertThat(ControlCodec.decodeStatus(JSON, newer.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(status);
        assertThatThrownBy(() -> ControlCodec.decodeStatus(JSON, "[1]".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(DecodeException.class);
    }
}

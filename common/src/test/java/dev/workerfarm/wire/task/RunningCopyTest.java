package dev.workerfarm.wire.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunningCopyTest {
    private static final byte[] BODY = "[[1], {}, {}]".getBytes(StandardCharsets.UTF_8);

    @Test
    void isTheMessageWithANumberAndWithoutWhatBrokersNoted() {
        var came = new AMQP.BasicProperties.Builder()
                .correlationId("id")
                .replyTo("replies")
                .deliveryMode(1)
                .expiration("1000")
                .userId("somebody")
                .headers(Map.of(
                        "task",
                        "square",
                        "x-death",
                        List.of(),
                        "x-delivery-count",
                        1,
                        "CC",
                        List.of("a"),
                        "mine",
                        "kept"))
                .build();

        var copy = PostponedMessage.runningCopy(came, BODY, 7);

        assertThat(copy.body()).isEqualTo(BODY);
        assertThat(copy.properties().getHeaders())
                .isEqualTo(Map.of("task", "square", "mine", "kept", "farm-running-copy", 7L));
        assertThat(copy.properties())
                .isEqualTo(came.builder()
                        .deliveryMode(2)
                        .expiration(null)
                        .userId(null)
                        .headers(copy.properties().getHeaders())
                        .build());
        assertThat(PostponedMessage.copyNumber(copy.properties())).isEqualTo(7);
        assertThat(PostponedMessage.isRunningCopy(copy.properties())).isTrue();
    }

    @Test
    void aCopyOfACopyHasItsOwnNumber() {
        var first = PostponedMessage.runningCopy(new AMQP.BasicProperties(), BODY, 1);

        assertThat(PostponedMessage.copyNumber(PostponedMessage.runningCopy(first.properties(), BODY, 2)
                        .properties()))
                .isEqualTo(2);
    }

    @Test
    void aMessageThatCameBackTooOftenIsPublishedAgainWithoutItsCountAndMarked() {
        var came = new AMQP.BasicProperties.Builder()
                .headers(Map.of("task", "square", "x-delivery-count", 12L, "farm-running-copy", 3L))
                .build();
        assertThat(PostponedMessage.returns(came)).isEqualTo(12);

        var again = PostponedMessage.returned(came, BODY).properties();

        assertThat(again.getHeaders()).isEqualTo(Map.of("task", "square", "farm-returned", true));
        assertThat(PostponedMessage.returns(again)).isZero();
        assertThat(again).matches(PostponedMessage::isPublishedAgain);
        assertThat(PostponedMessage.isPublishedAgain(new AMQP.BasicProperties()))
                .isFalse();
        var retry = PostponedMessage.without(again, BODY, 0);
        assertThat(PostponedMessage.isPublishedAgain(retry.properties())).isFalse();
    }

    @Test
    void nothingElseIsOne() {
        assertThat(PostponedMessage.isRunningCopy(new AMQP.BasicProperties())).isFalse();
        for (Object wrong : List.of("7", -1L, 0L, 1.5)) {
            var properties = new AMQP.BasicProperties.Builder()
                    .headers(Map.of("farm-running-copy", wrong))
                    .build();
            assertThat(PostponedMessage.isRunningCopy(properties))
                    .as(wrong.toString())
                    .isFalse();
        }
    }
}

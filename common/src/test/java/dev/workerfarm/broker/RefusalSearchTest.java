package dev.workerfarm.broker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.wire.EncodedMessage;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalSearchTest {
    private static final long AT_ONCE = 0;
    private static final long LONG_AGO = Duration.ofSeconds(3).toNanos();

    private final RefusalSearch search = new RefusalSearch();
    private final List<PendingMessage> messages =
            IntStream.rangeClosed(1, 5).mapToObj(RefusalSearchTest::message).toList();
    private final PendingMessage third = messages.get(2);
    private long now = 1;

    private static PendingMessage message(int number) {
        var encoded = new EncodedMessage(new AMQP.BasicProperties(), new byte[number * 100]);
        var message = new PendingMessage("", "queue", encoded, true, null);
        message.number = number;
        return message;
    }

    private static ShutdownSignalException refusal(String text) {
        return new ShutdownSignalException(
                false,
                false,
                new AMQP.Channel.Close.Builder()
                        .replyCode(406)
                        .replyText(text)
                        .classId(60)
                        .methodId(40)
                        .build(),
                null);
    }

    private static ShutdownSignalException connectionClose(int code) {
        return new ShutdownSignalException(
                true,
                false,
                new AMQP.Connection.Close.Builder()
                        .replyCode(code)
                        .replyText("x")
                        .build(),
                null);
    }

    private static ShutdownSignalException endOfStream() {
        return new ShutdownSignalException(true, false, null, null);
    }

    private RefusalSearch.@Nullable Guilty ended(List<PendingMessage> unconfirmed, ShutdownSignalException end) {
        return search.ended(unconfirmed, end, AT_ONCE, now++);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PRECONDITION_FAILED - message size 300 is larger than configured max size 250",
                "PRECONDITION_FAILED - message size 300 is larger than max size 250"
            })
    void aTextThatNamesASizeTellsTheMessageAndTheLimitWhichIsForgottenOnAnotherConnection(String text) {
        var guilty = ended(messages, refusal(text));

        assertThat(requireNonNull(guilty).message()).isSameAs(third);
        assertThat(search.largestBody()).isEqualTo(250);
        assertThat(messages).noneMatch(message -> search.isSuspect(message, now));
        search.connected();
        assertThat(search.largestBody()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void withoutASizeTheSuspectsGoOneAtATimeAndTheOneOnItsWayIsGuilty() {
        assertThat(ended(messages, refusal("PRECONDITION_FAILED - invalid expiration")))
                .isNull();
        assertThat(messages).allMatch(message -> search.isSuspect(message, now));
        assertThat(search.isSuspect(message(6), now)).as("a later one").isFalse();

        var guilty = ended(List.of(third), refusal("PRECONDITION_FAILED - invalid expiration"));

        assertThat(requireNonNull(guilty).message()).isSameAs(third);
        assertThat(guilty.reason()).contains("invalid expiration");
    }

    @Test
    void aSecondSearchWithinTenSecondsKeepsMessagesOneAtATimeUntilThen() {
        ended(messages, refusal("first"));
        ended(messages, refusal("second"));

        assertThat(search.isSuspect(message(6), now)).isTrue();
        assertThat(search.isSuspect(message(6), now + Duration.ofSeconds(11).toNanos()))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {501, 502, 505, 540, 541})
    void aConnectionThatIsClosedForAFrameIsBlamedOnceItIsSeenTwice(int code) {
        assertThat(ended(messages, connectionClose(code))).isNull();
        assertThat(search.isSuspect(third, now)).as("once").isFalse();
        assertThat(ended(messages, connectionClose(code))).isNull();
        assertThat(search.isSuspect(third, now))
                .as("twice, with the same first message")
                .isTrue();

        assertThat(ended(List.of(third), connectionClose(code))).isNull();
        assertThat(ended(List.of(third), connectionClose(code)))
                .isNotNull()
                .extracting(RefusalSearch.Guilty::message)
                .isSameAs(third);
    }

    @Test
    void aLostConnectionAccusesOnlyAMessageThatWasAloneOnItsWayAtThreeLosses() {
        for (int i = 0; i < 3; i++) {
            assertThat(ended(messages, endOfStream())).isNull();
        }
        assertThat(ended(List.of(third), endOfStream())).isNull();
        assertThat(ended(List.of(third), connectionClose(320))).isNull();
        assertThat(ended(List.of(third), endOfStream())).isNotNull();
    }

    @Test
    void aConnectionThatIsLostLongAfterItsLastMessageAccusesNobody() {
        for (int i = 0; i < 10; i++) {
            assertThat(search.ended(List.of(third), endOfStream(), LONG_AGO, now++))
                    .isNull();
        }
    }

    @Test
    void aMissingExchangeIsDeclaredByANewConnectionAndBlamedOnlyIfThatDoesNotHelp() {
        var missing = new ShutdownSignalException(
                false,
                false,
                new AMQP.Channel.Close.Builder()
                        .replyCode(404)
                        .replyText("no exchange")
                        .classId(60)
                        .methodId(40)
                        .build(),
                null);

        assertThat(RefusalSearch.isRefusal(missing)).isFalse();
        assertThat(ended(List.of(third), missing)).isNull();
        assertThat(ended(List.of(third), missing)).isNotNull();
    }
}

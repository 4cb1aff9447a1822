package dev.workerfarm.wire.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.OutcomeText;
import dev.workerfarm.wire.Times;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PostponedMessageTest {
    private static final Instant AT = Instant.parse("2026-11-23T08:00:01.5Z");
    private static final Instant NOW = Instant.parse("2026-11-23T08:00:00Z");
    private static final byte[] BODY = {'[', 1, 2};

    private static EncodedMessage postpone(Map<String, Object> headers, Outcome.Postponed postponed) {
        var properties = new AMQP.BasicProperties.Builder()
                .contentType("application/json")
                .correlationId("id")
                .replyTo("r")
                .priority(5)
                .expiration("500")
                .userId("somebody")
                .headers(headers)
                .build();
        return PostponedMessage.of(properties, BODY, postponed, "w", NOW);
    }

    private static Outcome.Postponed failedBefore(int attempt) {
        return new Outcome.Postponed(AT, attempt, Failure.builtin("OSError", "no " + attempt));
    }

    @Test
    void keepsWhatItDoesNotChange() {
        var again = postpone(Map.of("task", "t", "id", "id", "origin", "o", "group", "g"), failedBefore(1));

        assertThat(again.body()).isSameAs(BODY);
        assertThat(again.properties().getReplyTo()).isEqualTo("r");
        assertThat(again.properties().getPriority()).isEqualTo(5);
        assertThat(again.properties().getDeliveryMode()).isEqualTo(2);
        assertThat(again.properties().getExpiration())
                .as("it would end a wait early")
                .isNull();
        assertThat(again.properties().getUserId())
                .as("the publisher is another now")
                .isNull();
        assertThat(again.properties().getHeaders())
                .containsEntry("origin", "o")
                .containsEntry("group", "g")
                .containsEntry("retries", 1)
                .containsEntry("eta", "2026-11-23T08:00:01.500000+00:00");
    }

    @Test
    void leavesOutWhatBrokersNotedSoThatASecondWaitIsNoCircleToThem() {
        var again = postpone(
                Map.of(
                        "x-death",
                        List.of(Map.of("queue", "celery_delayed_0", "reason", "expired")),
                        "x-first-death-queue",
                        "celery_delayed_0",
                        "x-last-death-reason",
                        "expired",
                        "x-delivery-count",
                        3L,
                        "x-qpid-not-valid-before",
                        1L,
                        "x-mine",
                        1),
                failedBefore(1));

        assertThat(again.properties().getHeaders())
                .containsOnlyKeys("x-mine", "retries", "eta", "farm-published", "farm-history");
    }

    @Test
    void remembersTheLastTenAttempts() {
        Map<String, Object> headers = Map.of();
        for (int attempt = 1; attempt <= 12; attempt++) {
            headers = postpone(headers, failedBefore(attempt)).properties().getHeaders();
        }

        assertThat(headers.get("farm-history"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .hasSize(10)
                .last()
                .isEqualTo(Map.of(
                        "attempt",
                        11,
                        "at",
                        "2026-11-23T08:00:00.000000+00:00",
                        "worker",
                        "w",
                        "failure",
                        "OSError: no 12"));
    }

    @Test
    void addsNothingToTheHistoryWhereNothingWasTried() {
        assertThat(postpone(Map.of("farm-history", "junk"), new Outcome.Postponed(AT, 0, null))
                        .properties()
                        .getHeaders())
                .containsEntry("farm-history", "junk")
                .containsEntry("retries", 0);
    }

    @Test
    void refusesHeadersThatDoNotFitAnyMore() {
        Map<String, Object> large = Map.of("x", "x".repeat(EncodedMessage.MAX_HEADER_BYTES - 60));
        assertThatThrownBy(() -> postpone(large, failedBefore(1))).isInstanceOf(EncodeException.class);
    }

    @Test
    void isKeptAsATextBetweenDeliveries() {
        for (var outcome : List.of(
                failedBefore(3),
                new Outcome.Postponed(AT, 0, null),
                new Outcome.Failed(Failure.builtin("OSError", "no"), "retries-exhausted"),
                new Outcome.Failed(Failure.builtin("OSError", "no")),
                new Outcome.Succeeded(null))) {
            assertThat(OutcomeText.read(OutcomeText.of(outcome).text())).isEqualTo(outcome);
        }
        assertThatThrownBy(() -> OutcomeText.read("{}")).isInstanceOf(DecodeException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T07:57:42.097764+00:00, 2026-11-23T07:57:42.097764Z",
        "2026-11-23T07:57:42.097764, 2026-11-23T07:57:42.097764Z",
        "2026-11-23 07:57:42Z, 2026-11-23T07:57:42Z",
        "2026-11-23T07:57:42.123456789+05:30, 2026-11-23T02:27:42.123456789Z",
        "2026-11-23T07:57-0100, 2026-11-23T08:57:00Z",
        "0001-01-01T00:00:00+14:00, 0000-12-31T10:00:00Z"
    })
    void readsATimeInEveryFormThatClientsWrite(String text, Instant time) {
        assertThat(Times.read(Map.of("eta", text), "eta")).isEqualTo(time);
    }

    @Test
    void writesATimeAsAPythonWorkerReadsIt() {
        assertThat(Times.write(AT)).isEqualTo("2026-11-23T08:00:01.500000+00:00");
        assertThat(Times.write(Instant.MAX)).isEqualTo("9999-12-31T23:59:59.000000+00:00");
    }

    static List<Object> noTimes() {
        return List.of(
                "",
                "tomorrow",
                1_700_000_000L,
                1.5,
                "2026-13-01T00:00:00Z",
                "2026-11-23T07:57:42+99:00",
                "+292277026596-12-04T15:30:07Z",
                "2026-11-23",
                List.of(),
                "٢٠٢٦-11-23T00:00:00Z");
    }

    @ParameterizedTest
    @MethodSource("noTimes")
    void refusesWhatIsNoTime(Object value) {
        for (var name : List.of("eta", "expires")) {
            assertThatThrownBy(() -> decode(Map.of(name, value)))
                    .isInstanceOf(DecodeException.class)
                    .hasMessageContaining(name);
        }
    }

    @Test
    void carriesARetryPolicy() {
        var policy = new RetryPolicy(
                7,
                Duration.ofMillis(1_500),
                1.5,
                Duration.ofDays(3),
                0.25,
                RetryPolicy.NONE.only("A", "b.C").only(),
                RetryPolicy.NONE.only("D").only());
        assertThat(decode(CallHeaders.of(AT, NOW, policy, TimeLimits.NONE))).satisfies(message -> {
            assertThat(message.retry()).isEqualTo(policy);
            assertThat(message.eta()).isEqualTo(AT);
            assertThat(message.isExpired(NOW)).isTrue();
            assertThat(message.isExpired(NOW.minusNanos(1_000))).isFalse();
        });
        assertThat(decode(Map.of("farm-retry", Map.of("attempts", 4))).retry()).isEqualTo(RetryPolicy.of(4));
        assertThat(decode(Map.of()).retry()).isNull();
        assertThat(decode(Map.of()).eta()).isNull();
    }

    static List<Object> noPolicies() {
        return List.of(
                "{}",
                5,
                List.of(),
                Map.of(),
                Map.of("attempts", 0),
                Map.of("attempts", 1L << 40),
                Map.of("attempts", 2.0),
                Map.of("attempts", 3, "first_ms", -1),
                Map.of("attempts", 3, "factor", "2"),
                Map.of("attempts", 3, "cap_ms", Long.MAX_VALUE),
                Map.of("attempts", 3, "jitter", Double.NaN),
                Map.of("attempts", 3, "only", "IOException"),
                Map.of("attempts", 3, "never", List.of(1)),
                Map.of("attempts", 3, "only", Collections.nCopies(101, "X")));
    }

    @ParameterizedTest
    @MethodSource("noPolicies")
    void refusesWhatIsNoRetryPolicy(Object value) {
        assertThatThrownBy(() -> decode(Map.of("farm-retry", value)))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("farm-retry");
    }

    /** As a stranger sends them: nothing is checked when it is written. */
    private static TaskMessage decode(Map<String, Object> headers) {
        Map<String, Object> all = new HashMap<>(headers);
        all.putAll(Map.of("task", "t", "id", "i"));
        var properties = new AMQP.BasicProperties.Builder()
                .contentType("application/json")
                .headers(all)
                .build();
        return TaskCodec.decode(properties, "[[], {}, {}]".getBytes(StandardCharsets.UTF_8));
    }
}

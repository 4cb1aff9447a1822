package dev.workerfarm.worker.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.worker.process.Cancellation;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class GuardedCallsTest {
    private static final TaskRun RUN = new TaskRun("id", 0, 0);

    private final MemoryLedger ledger = new MemoryLedger();
    private final Cancellation cancellation = new Cancellation();
    private final Committer committer = new Committer(ledger, cancellation);
    private final AtomicInteger runs = new AtomicInteger();

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    private GuardedCalls calls(int count) {
        return GuardedCalls.again(committer, cancellation, RUN, 0, count);
    }

    /** A call that adds and reads nothing. */
    private Function<SharedState, Outcome> adds(long by) {
        return shared -> {
            runs.incrementAndGet();
            shared.value("n").add(by);
            return new Outcome.Succeeded(by);
        };
    }

    private static String value(Outcome outcome) {
        return String.valueOf(((Outcome.Succeeded) outcome).value());
    }

    private static String failure(Outcome outcome) {
        return ((Outcome.Failed) outcome).failure().type();
    }

    @Test
    void callsThatOnlyWriteAreCommittedTogether() {
        var calls = calls(3);
        for (int i = 0; i < 3; i++) {
            calls.run(i, adds(i + 1));
        }

        assertThat(calls.finish()).extracting(GuardedCallsTest::value).containsExactly("1", "2", "3");
        assertThat(ledger.value("n")).isEqualTo(6);
        assertThat(ledger.commits()).containsExactly(3);
    }

    @Test
    void aTwinOfAFirstDeliveryIsFoundByTheCommitAndCountsOnce() {
        var first = calls(3);
        first.run(1, adds(10));
        first.finish();

        var twin = new GuardedCalls(committer, cancellation, RUN, 3);
        for (int i = 0; i < 3; i++) {
            twin.run(i, adds(i + 1));
        }

        assertThat(twin.finish()).extracting(GuardedCallsTest::value).containsExactly("1", "10", "3");
        assertThat(ledger.value("n")).isEqualTo(14);
        assertThat(committer.suppressed()).isEqualTo(1);
        assertThat(ledger.finds()).as("looked up but for the first").isEqualTo(1);
    }

    @Test
    void aKnownOutcomeIsTheAnswerAndItsCallIsNotRun() {
        var before = calls(2);
        before.run(0, adds(10));
        before.finish();

        var again = calls(2);
        again.run(0, adds(99));
        again.run(1, adds(1));

        assertThat(again.finish()).extracting(GuardedCallsTest::value).containsExactly("10", "1");
        assertThat(ledger.value("n")).isEqualTo(11);
        assertThat(runs).hasValue(2);
        assertThat(committer.suppressed()).isEqualTo(1);
    }

    @Test
    void theOutcomeThatATwinCommittedMeanwhileIsTheOneThatCounts() {
        var late = calls(2);
        late.run(0, adds(1));
        late.run(1, adds(2));
        var twin = calls(2);
        twin.run(0, adds(40));
        twin.finish();

        assertThat(late.finish()).extracting(GuardedCallsTest::value).containsExactly("40", "2");
        assertThat(ledger.value("n")).isEqualTo(42);
    }

    @Test
    void ofCallsThatAreCommittedTogetherTheRefusedOneFailsAlone() {
        ledger.set("n", Long.MAX_VALUE - 5);
        var calls = calls(3);
        calls.run(0, adds(2));
        calls.run(1, adds(100));
        calls.run(2, adds(3));

        var outcomes = calls.finish();

        assertThat(value(outcomes.get(0))).isEqualTo("2");
        assertThat(failure(outcomes.get(1))).isEqualTo("SharedStateException");
        assertThat(value(outcomes.get(2))).isEqualTo("3");
        assertThat(ledger.value("n")).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aCallRunsAgainWhereWhatItReadWasChanged() {
        var calls = calls(1);
        calls.run(0, shared -> {
            var read = shared.value("n").getLong();
            if (runs.incrementAndGet() == 1) {
                ledger.set("n", 7); // another worker
            }
            shared.value("n").add(1);
            return new Outcome.Succeeded(read);
        });

        assertThat(calls.finish()).extracting(GuardedCallsTest::value).containsExactly("7");
        assertThat(ledger.value("n")).isEqualTo(8);
        assertThat(runs).hasValue(2);
    }

    @Test
    void aCallWhoseReadsAlwaysChangeFails() {
        var calls = calls(1);
        calls.run(0, shared -> {
            var read = shared.value("n").getLong();
            ledger.set("n", read + 1);
            return new Outcome.Succeeded(read);
        });

        assertThat(calls.finish()).extracting(GuardedCallsTest::failure).containsExactly("SharedStateConflict");
    }

    @Test
    void aFailedCallHasNoEffects() {
        var calls = calls(1);
        calls.run(0, shared -> {
            shared.value("n").add(1);
            return new Outcome.Failed(Failure.builtin("ValueError", "on purpose"));
        });

        assertThat(calls.finish()).extracting(GuardedCallsTest::failure).containsExactly("ValueError");
        assertThat(ledger.value("n")).isZero();
    }

    @Test
    void whatWasSettledLongAgoIsNotRunAgain() {
        var before = calls(1);
        before.run(0, adds(1));
        before.finish();
        ledger.settled(List.of(RUN));
        ledger.expire(RUN);

        var again = calls(1);
        again.run(0, adds(1));

        assertThat(again.finish()).extracting(GuardedCallsTest::failure).containsExactly("OutcomeExpired");
        assertThat(ledger.value("n")).isEqualTo(1);
    }

    @Test
    void aCommitWhoseAnswerWasLostCountsOnce() {
        ledger.loseAnswers(1);
        var calls = calls(1);
        calls.run(0, adds(5));

        assertThat(calls.finish()).extracting(GuardedCallsTest::value).containsExactly("5");
        assertThat(ledger.value("n")).isEqualTo(5);
    }

    private static final int FOR_LONG = 1_000_000;

    /** Runs what fails, has Redis back, and goes on. */
    private List<Outcome> goOnAfterRedisWasAway(Runnable steps, GuardedCalls calls) {
        assertThatThrownBy(steps::run).isInstanceOf(RedisAway.class);
        assertThat(committer.watch().isAway()).isTrue();
        ledger.away(0);
        assertThat(committer.watch().awaitBack()).isTrue();
        steps.run();
        return calls.finish();
    }

    @Test
    void aReadEndsWhileRedisIsAwayAndWhateverItsTaskMakesOfThatDoesNotCount() {
        var calls = calls(1);
        Function<SharedState, Outcome> reads = shared -> {
            if (runs.incrementAndGet() == 1) {
                ledger.away(FOR_LONG);
            }
            try {
                return new Outcome.Succeeded(shared.value("n").addAndGet(1));
            } catch (RuntimeException e) {
                return new Outcome.Succeeded("swallowed");
            }
        };

        var outcomes = goOnAfterRedisWasAway(() -> calls.run(0, reads), calls);

        assertThat(outcomes).extracting(GuardedCallsTest::value).containsExactly("1");
        assertThat(runs).hasValue(2);
    }

    @Test
    void whatHasEndedWhenRedisGoesAwayIsCommittedLaterAndDoesNotRunAgain() {
        var calls = calls(3);
        Function<SharedState, Outcome> reads = shared -> {
            var sum = shared.value("n").addAndGet(100); // commits the two before it
            runs.incrementAndGet();
            ledger.away(FOR_LONG);
            return new Outcome.Succeeded(sum);
        };
        Runnable steps = () -> {
            calls.run(0, adds(1));
            calls.run(1, adds(2));
            calls.run(2, reads);
        };

        var outcomes = goOnAfterRedisWasAway(steps, calls);

        assertThat(outcomes).extracting(GuardedCallsTest::value).containsExactly("1", "2", "103");
        assertThat(ledger.value("n")).isEqualTo(103);
        assertThat(runs).hasValue(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void wheneverRedisGoesAwayDuringTheCommitsEachCallCountsOnce(int answers) {
        ledger.set("n", Long.MAX_VALUE - 5);
        var calls = calls(3);
        Runnable steps = () -> {
            calls.run(0, adds(2));
            calls.run(1, adds(100)); // overflows: refused together, then one by one
            calls.run(2, adds(3));
            calls.finish();
        };
        ledger.awayAfter(answers);

        var outcomes = goOnAfterRedisWasAway(steps, calls);

        assertThat(value(outcomes.get(0))).isEqualTo("2");
        assertThat(failure(outcomes.get(1))).isEqualTo("SharedStateException");
        assertThat(value(outcomes.get(2))).isEqualTo("3");
        assertThat(ledger.value("n")).isEqualTo(Long.MAX_VALUE);
        assertThat(runs).hasValue(3);
    }

    @Test
    void aStrayInterruptWhileRedisIsAwayLosesNothing() {
        var calls = calls(1);
        calls.run(0, adds(5));
        ledger.away(2);
        Thread.currentThread().interrupt();

        assertThat(calls.finish()).extracting(GuardedCallsTest::value).containsExactly("5");
        assertThat(ledger.value("n")).isEqualTo(5);
    }
}

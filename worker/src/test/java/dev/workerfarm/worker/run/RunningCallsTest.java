package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.worker.metrics.Samples;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RunningCallsTest {
    private static final Outcome DONE = new Outcome.Succeeded(1L);

    private final Activity activity = new Activity(Clock.systemUTC());
    private final RunningCalls calls = StubCalls.running("id", "square", activity);

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    private void call(int place) {
        calls.begin(place);
        calls.end();
        activity.ended(calls, DONE);
    }

    private String[] lines() {
        var samples = new Samples();
        activity.sample(samples);
        return samples.exposition().split("\n", -1);
    }

    @Test
    void aCallHasAGateWhileItRunsAndNoLonger() {
        assertThat(calls.gate()).isNull();

        calls.begin(0);
        var gate = Objects.requireNonNull(calls.gate());
        assertThat(calls.gate()).isSameAs(gate);
        assertThat(gate.runs()).isTrue();

        assertThat(calls.end()).isSameAs(gate);
        assertThat(gate.runs()).isFalse();
        assertThat(calls.gate()).isNull();
    }

    @Test
    void aCallThatNobodyAsksAboutHasNoGate() {
        calls.begin(0);
        assertThat(calls.end()).isNull();
    }

    /** Another thread revokes calls while they begin and end: the interrupt is its call's, and no other sees it. */
    @Test
    void aRevocationInterruptsItsOwnCallAndNoOther() throws Exception {
        var stop = new AtomicBoolean();
        var revoked = new AtomicInteger();
        var revoker = new Thread(() -> {
            while (!stop.get()) {
                var gate = calls.gate();
                if (gate != null && gate.revoke()) {
                    revoked.incrementAndGet();
                    while (gate.runs() && !stop.get()) {
                        Thread.onSpinWait();
                    }
                }
            }
        });
        revoker.start();
        var seen = 0;
        for (int place = 0; place < 2_000_000 || seen < 100; place++) {
            calls.begin(place & 0xffff);
            if (place % 1_000 == 0) {
                LockSupport.parkNanos(1_000);
            }
            var gate = calls.end();
            var wasInterrupted = Thread.interrupted();
            assertThat(wasInterrupted).isEqualTo(gate != null && gate.isRevoked());
            seen += wasInterrupted ? 1 : 0;
        }
        stop.set(true);
        revoker.join();
        assertThat(revoked.get()).isEqualTo(seen);
    }

    @Test
    void allShortCallsAreCountedThoughSeveralAtATime() {
        activity.enter(calls);
        for (int i = 0; i < 10_007; i++) {
            call(i);
        }
        assertThat(activity.succeeded()).isBetween(10_007L - 15, 10_007L);

        activity.leave(calls);
        assertThat(activity.succeeded()).isEqualTo(10_007);
        assertThat(lines())
                .contains(
                        "workerfarm_tasks_total{task=\"square\",outcome=\"succeeded\"} 10007",
                        "workerfarm_task_run_seconds_count{task=\"square\"} 10007");
    }

    @Test
    void aFailureAmongShortCallsIsCountedAtOnceAndSoAreThoseBefore() {
        for (int i = 0; i < 40; i++) {
            call(i);
        }
        calls.begin(40);
        calls.end();
        activity.ended(calls, new Outcome.Failed(Failure.builtin("ValueError", "no")));

        assertThat(activity.succeeded()).isEqualTo(40);
        assertThat(activity.failed()).isEqualTo(1);
    }

    @Test
    void callsAreShortUntilALongOneEnds() {
        for (int i = 0; i < 1_000 && !calls.areShort(); i++) {
            call(i);
        }
        assertThat(calls.areShort()).isTrue();
        activity.leave(calls);

        calls.begin(0);
        LockSupport.parkNanos(20_000_000);
        calls.end();
        activity.ended(calls, new Outcome.Failed(Failure.builtin("ValueError", "no")));
        assertThat(calls.areShort()).isFalse();
    }
}

package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RevocationsTest {
    private final Revocations revocations = new Revocations();

    private RunningCalls enter(String id) {
        var calls = StubCalls.running(id, "square");
        revocations.enter(calls);
        calls.begin(0);
        revocations.begun(calls);
        return calls;
    }

    private static boolean isRevoked(RunningCalls calls) {
        return Objects.requireNonNull(calls.gate()).isRevoked();
    }

    @Test
    void knowsWhatWasRevokedAndNothingElse() {
        assertThat(revocations.contains("a")).isFalse();

        revocations.add(List.of("a", "b"));

        assertThat(revocations.contains("a")).isTrue();
        assertThat(revocations.contains("c")).isFalse();
    }

    @Test
    void interruptsTheItemsOfAMapAndNoOther() {
        var item = enter("map:7");
        var other = enter("map2:7");
        var task = enter("task");

        assertThat(revocations.interrupt(List.of("map", "task:7"))).containsExactly(item.gate());

        assertThat(Thread.interrupted()).isTrue();
        assertThat(isRevoked(item)).isTrue();
        assertThat(isRevoked(other)).isFalse();
        assertThat(isRevoked(task)).isFalse();
    }

    @Test
    void whatHasEndedCannotBeRevoked() {
        var task = enter("task");
        var gate = Objects.requireNonNull(task.gate());
        assertThat(gate.runs()).isTrue();

        assertThat(task.end()).isSameAs(gate);

        assertThat(gate.runs()).isFalse();
        assertThat(revocations.interrupt(List.of("task"))).isEmpty();
        assertThat(gate.revoke()).isFalse();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void whatWasRevokedJustBeforeItBeganIsRevokedToo() {
        revocations.add(List.of("map"));

        assertThat(isRevoked(enter("map:3"))).isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aMessageIsLookedUpOnlyWhereSomethingOfItMayBeRevoked() {
        revocations.add(List.of("other", "map2", "map:"));
        var calls = enter("map:3");
        assertThat(revocations.mayConcern(calls)).isFalse();
        assertThat(calls.asked()).as("nobody has asked").isNull();

        revocations.add(List.of("map"));
        assertThat(revocations.mayConcern(calls)).isTrue();
    }

    @Test
    void forgetsTheOldestBeyondItsBound() {
        revocations.add(List.of("first"));
        IntStream.range(0, 50_000).forEach(i -> revocations.add(List.of("id-" + i)));

        assertThat(revocations.contains("first")).isFalse();
        assertThat(revocations.contains("id-0")).isTrue();
    }
}

package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RevocationsTest {
    private final Revocations revocations = new Revocations();

    @Test
    void knowsWhatWasRevokedAndNothingElse() {
        assertThat(revocations.contains("a")).isFalse();

        revocations.add(List.of("a", "b"));

        assertThat(revocations.contains("a")).isTrue();
        assertThat(revocations.contains("c")).isFalse();
    }

    @Test
    void interruptsTheItemsOfAMapAndNoOther() {
        var item = revocations.enter("map:7");
        var other = revocations.enter("map2:7");
        var task = revocations.enter("task");

        assertThat(revocations.interrupt(List.of("map", "task:7"))).containsExactly(item);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(item.isRevoked()).isTrue();
        assertThat(other.isRevoked()).isFalse();
        assertThat(task.isRevoked()).isFalse();
    }

    @Test
    void whatHasEndedCannotBeRevoked() {
        var gate = revocations.enter("task");
        assertThat(revocations.runs(gate)).isTrue();

        revocations.leave(gate);

        assertThat(revocations.runs(gate)).isFalse();
        assertThat(revocations.interrupt(List.of("task"))).isEmpty();
        assertThat(gate.revoke()).isFalse();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void whatWasRevokedJustBeforeItBeganIsRevokedToo() {
        revocations.add(List.of("map"));

        assertThat(revocations.enter("map:3").isRevoked()).isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void forgetsTheOldestBeyondItsBound() {
        revocations.add(List.of("first"));
        IntStream.range(0, 50_000).forEach(i -> revocations.add(List.of("id-" + i)));

        assertThat(revocations.contains("first")).isFalse();
        assertThat(revocations.contains("id-0")).isTrue();
    }
}

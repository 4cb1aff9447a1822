package dev.workerfarm.worker;

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
    void forgetsTheOldestBeyondItsBound() {
        revocations.add(List.of("first"));
        IntStream.range(0, 50_000).forEach(i -> revocations.add(List.of("id-" + i)));

        assertThat(revocations.contains("first")).isFalse();
        assertThat(revocations.contains("id-0")).isTrue();
    }
}

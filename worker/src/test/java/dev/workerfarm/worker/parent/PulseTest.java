package dev.workerfarm.worker.parent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When a child counts as frozen. */
class PulseTest {
    private final Pulse pulse = new Pulse();
    private final FakeChild child = new FakeChild(0);

    private int beats(int count) {
        var missed = 0;
        for (int i = 0; i < count; i++) {
            missed = pulse.beat(child);
        }
        return missed;
    }

    @Test
    void aChildThatAnsweredBeforeAndUsesNoCpuTimeIsFrozenAfterThirtyBeats() {
        beats(1);
        pulse.answered();

        assertThat(beats(1 + Pulse.LATE - 1)).isEqualTo(Pulse.LATE - 1);
        assertThat(pulse.isLate()).isFalse();
        assertThat(beats(1)).isEqualTo(Pulse.LATE);
        assertThat(pulse.isLate()).isTrue();
        assertThat(beats(Pulse.FROZEN - Pulse.LATE)).isEqualTo(Pulse.FROZEN);
    }

    @Test
    void itIsAskedOnceAndNotAgainBeforeItHasAnswered() {
        beats(10);
        assertThat(child.heard).containsExactly("ALIVE");
        pulse.answered();
        beats(10);
        assertThat(child.heard).containsExactly("ALIVE", "ALIVE");
    }

    @Test
    void aChildThatUsesCpuTimeIsNotFrozenHoweverLongItsPause() {
        beats(1);
        pulse.answered();
        for (int i = 0; i < 10 * Pulse.FROZEN; i++) {
            child.used = child.used.plusMillis(10);
            assertThat(beats(1)).isZero();
        }
    }

    @Test
    void aProgramThatHasNotComeToRunYetIsNotFrozen() {
        assertThat(beats(10 * Pulse.FROZEN)).isZero();
    }

    @Test
    void anAnswerAfterAPauseEndsIt() {
        beats(1);
        assertThat(pulse.answered()).isFalse();
        beats(1 + Pulse.LATE);

        assertThat(pulse.answered()).isTrue();

        assertThat(pulse.isLate()).isFalse();
        assertThat(beats(1 + Pulse.LATE)).isEqualTo(Pulse.LATE);
    }
}

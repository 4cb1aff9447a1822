package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GateTest {
    private final Gate gate = new Gate("id", Thread.currentThread());

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    @Test
    void nothingActsOnACallWhoseOutcomeIsOnItsWay() {
        gate.commit();

        assertThat(gate.timeOut()).isFalse();
        assertThat(gate.revoke()).isFalse();
        gate.passSoftLimit();
        assertThat(gate.isOverSoftLimit()).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void whatEndsBehindItsHardLimitIsTooLateAndSoIsItsRevocation() {
        assertThat(gate.timeOut()).isTrue();

        gate.commit();
        assertThat(gate.isTimedOut()).isTrue();
        assertThat(gate.revoke()).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void theSoftLimitInterruptsOnceAndARevocationDoesSoOnceMore() {
        gate.passSoftLimit();
        assertThat(Thread.interrupted()).isTrue();
        gate.passSoftLimit();
        assertThat(Thread.interrupted()).isFalse();

        assertThat(gate.revoke()).isTrue();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(gate.revoke()).isTrue();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void whatWasRevokedAndDoesNotEndTimesOutAllTheSame() {
        gate.revoke();

        assertThat(gate.timeOut()).isTrue();
        assertThat(gate.isRevoked()).isTrue();
    }
}

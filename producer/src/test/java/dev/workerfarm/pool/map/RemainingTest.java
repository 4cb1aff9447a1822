package dev.workerfarm.pool.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RemainingTest {
    private final AtomicInteger announced = new AtomicInteger();
    private final Remaining remaining = new Remaining(announced::incrementAndGet);

    @Test
    void announcesAtTheLastAnswerAfterTheFeeder() {
        remaining.chunkFed();
        remaining.chunkFed();
        remaining.chunkAnswered();
        remaining.feederEnded();
        assertThat(announced).hasValue(0);

        remaining.chunkAnswered();

        assertThat(announced).hasValue(1);
    }

    @Test
    void announcesAtTheEndOfTheFeederWhereAllIsAnswered() {
        remaining.chunkFed();
        remaining.chunkAnswered();
        assertThat(announced).as("the feeder may publish more").hasValue(0);

        remaining.feederEnded();

        assertThat(announced).hasValue(1);
    }

    @Test
    void answersWithinACloseAnnounceNothingBeforeItsEnd() {
        remaining.chunkFed();

        assertThat(remaining.beginClose()).as("something remains").isTrue();
        remaining.feederEnded();
        remaining.chunkAnswered();
        assertThat(announced).hasValue(0);
        remaining.closed();

        assertThat(announced).hasValue(1);
    }

    @Test
    void aCloseAnnouncesWhateverRemains() {
        remaining.chunkFed();
        remaining.beginClose();
        remaining.closed();
        assertThat(announced).hasValue(1);

        remaining.chunkAnswered();
        remaining.feederEnded();

        assertThat(announced).as("once only").hasValue(1);
    }

    @Test
    void nothingRemainsForACloseAfterTheEnd() {
        remaining.feederEnded();

        assertThat(remaining.beginClose()).isFalse();
        remaining.closed();

        assertThat(announced).hasValue(1);
    }
}

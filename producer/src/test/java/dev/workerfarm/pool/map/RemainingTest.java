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
        remaining.ended();
        remaining.ended();
        assertThat(announced).hasValue(0);

        remaining.ended();

        assertThat(announced).hasValue(1);
    }

    @Test
    void announcesAtTheEndOfTheFeederWhereAllIsAnswered() {
        remaining.chunkFed();
        remaining.ended();
        assertThat(announced).as("the feeder may publish more").hasValue(0);

        remaining.ended();

        assertThat(announced).hasValue(1);
    }

    @Test
    void answersWithinACloseAnnounceNothingBeforeItsEnd() {
        remaining.chunkFed();

        assertThat(remaining.beginClose()).as("something remains").isTrue();
        remaining.ended();
        remaining.ended();
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

        remaining.ended();
        remaining.ended();

        assertThat(announced).as("once only").hasValue(1);
    }

    @Test
    void nothingRemainsForACloseAfterTheEnd() {
        remaining.ended();

        assertThat(remaining.beginClose()).isFalse();
        remaining.closed();

        assertThat(announced).hasValue(1);
    }
}

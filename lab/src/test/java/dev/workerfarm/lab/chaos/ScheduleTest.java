package dev.workerfarm.lab.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.lab.chaos.Schedule.Fault;
import dev.workerfarm.lab.chaos.Schedule.Fault.Kind;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    @Test
    void theSameSeedMakesTheSameSchedule() {
        assertThat(Schedule.of(7, Schedule.ROUND, 3)).isEqualTo(Schedule.of(7, Schedule.ROUND, 3));
        assertThat(Schedule.of(7, Schedule.ROUND, 3).faults())
                .isNotEqualTo(Schedule.of(8, Schedule.ROUND, 3).faults());
    }

    @Test
    void workersAreKilledAboutEverySecondForTwiceTheLength() {
        LongStream.range(0, 100).forEach(seed -> {
            var kills = Schedule.of(seed, Schedule.ROUND, 3).all(Kind.KILL_WORKER);

            assertThat(kills).hasSizeBetween(65, 100);
            assertThat(kills).allSatisfy(kill -> {
                assertThat(kill.at()).isLessThan(Schedule.ROUND.multipliedBy(2));
                assertThat(kill.worker()).isBetween(0, 2);
            });
            for (int i = 1; i < kills.size(); i++) {
                assertThat(kills.get(i).at().minus(kills.get(i - 1).at()))
                        .isBetween(Duration.ofMillis(500), Duration.ofMillis(1500));
            }
        });
    }

    @Test
    void eachRoundHasEachOutageOnceAndOneEndsBeforeTheNextBegins() {
        LongStream.range(0, 100).forEach(seed -> {
            var schedule = Schedule.of(seed, Schedule.ROUND.multipliedBy(3).plusSeconds(10), 3);

            var outages = schedule.outages();
            assertThat(outages).hasSize(3 * 4);
            for (int round = 0; round < 3; round++) {
                var ofRound = outages.subList(round * 4, round * 4 + 4);
                var kinds = new HashSet<>(ofRound.stream().map(Fault::kind).toList());
                assertThat(kinds).isEqualTo(EnumSet.complementOf(EnumSet.of(Kind.KILL_WORKER)));
                assertThat(ofRound.get(3).at().plus(ofRound.get(3).lasting()))
                        .isLessThan(Schedule.ROUND.multipliedBy(round + 1));
            }
            for (int i = 1; i < outages.size(); i++) {
                var before = outages.get(i - 1);
                assertThat(before.at().plus(before.lasting()))
                        .isLessThan(outages.get(i).at());
            }
        });
    }

    @Test
    void saysWhatWillBeDone() {
        assertThat(Schedule.of(7, Schedule.ROUND, 3).lines()).first().asString().startsWith("seed 7, 40 s");
        assertThat(Schedule.of(7, Schedule.ROUND, 3).lines())
                .anySatisfy(line -> assertThat(line).matches("  freeze of RabbitMQ, at [0-9.]+, for 5\\.0 s"));
    }
}

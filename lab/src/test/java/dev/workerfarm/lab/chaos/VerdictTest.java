package dev.workerfarm.lab.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static final Schedule SCHEDULE = Schedule.of(7, Schedule.ROUND, 3);

    @Test
    void aStormThatChangedNothingIsSaidToHaveLostNothing() {
        var verdict = new Verdict(SCHEDULE, 20_001, Duration.ofSeconds(50), 20_050, 12, 40, List.of());

        assertThat(verdict.holds()).isTrue();
        assertThat(verdict.lines())
                .contains("20001 tasks in 50.0 s, 400 a second", "Nothing lost, nothing counted twice.");
        assertThat(verdict.fields()).containsEntry("ok", true).containsEntry("differences", List.of());
    }

    @Test
    void whatDiffersIsNamedWithTheSeedToTryItAgain() {
        var verdict = new Verdict(
                SCHEDULE, 20_001, Duration.ofSeconds(50), 20_050, 12, 40, List.of("total is 20002, not 20001: 1"));

        assertThat(verdict.holds()).isFalse();
        assertThat(verdict.lines())
                .contains("WRONG  total is 20002, not 20001: 1", "Run it again with --seed 7.")
                .noneMatch(line -> line.contains("Nothing lost"));
        assertThat(verdict.fields()).containsEntry("ok", false);
    }
}

package dev.workerfarm.worker.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.worker.link.DeathReport.Running;
import dev.workerfarm.worker.parent.WorkerParent.DeathReports;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeathReportTest {
    @Test
    void isOneLineWhateverIsInIt() {
        var odd = "tab\tback\\slash\\t line\nreturn\r \u00e9 ";
        var report = new DeathReport(
                odd,
                137,
                List.of(
                        new Running(new TaskRun(odd, 1, 2), odd, odd, 3),
                        new Running(new TaskRun("", 0, 0), "", "", Running.AROUND)),
                List.of(odd, "", "last"));

        assertThat(report.toLine()).doesNotContain("\n", "\r");
        assertThat(DeathReport.from(report.toLine())).isEqualTo(report);
    }

    @Test
    void keepsTheEndOfALog() {
        var lines = IntStream.range(0, 100)
                .mapToObj(i -> i + " " + "x".repeat(1_000))
                .toList();

        var kept = new DeathReport("p", 1, List.of(), lines).lastLines();

        assertThat(kept).hasSize(40).allMatch(line -> line.length() == 200);
        assertThat(kept.get(39)).startsWith("99 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "p", "p\tx\t0", "p\t1\t1\tid\t0", "p\t1\t1\tid\t0\tx\t0\tt\tq", "p\t1\t99999999"})
    void whatIsNoReportIsNone(String line) {
        assertThat(DeathReport.from(line)).isNull();
    }

    @Test
    void tellsSignalsFromExitCodes() {
        assertThat(DeathReport.ending(72)).isEqualTo("exit=72");
        assertThat(DeathReport.ending(137)).isEqualTo("signal=9");
    }

    @Test
    void aParentKeepsTheNewestUntilTheyAreNoted() {
        var deaths = new DeathReports();
        IntStream.range(0, 100)
                .forEach(i -> deaths.add(new DeathReport("p" + i, 1, List.of(), Collections.emptyList())));
        deaths.recorded("p99");
        deaths.recorded("another");

        assertThat(deaths.lines()).hasSize(63).first().isEqualTo("p36\t1\t0");
    }
}

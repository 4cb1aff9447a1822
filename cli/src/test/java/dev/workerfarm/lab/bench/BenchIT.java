package dev.workerfarm.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.json.Json;
import dev.workerfarm.testkit.Proof;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The contestants do their work and check every result; how fast they are is not asserted. */
@Proof
@Timeout(180)
class BenchIT {
    @Test
    void theFarmAndItsCeilingsDoTheSameWorkInTurnsAndEveryResultIsRight() throws Exception {
        var said = new ByteArrayOutputStream();
        var settings = new Bench.Settings(true, List.of("unbatched", "one", "map", "adds"), 2);
        try (var bench = new Bench(settings, new PrintStream(said, true, StandardCharsets.UTF_8))) {
            var report = bench.run();

            assertThat(report.rows())
                    .extracting(row -> row.work().replaceAll(", .*", "") + " " + row.figure() + " " + row.contestant())
                    .contains(
                            "unbatched rate farm",
                            "unbatched rate bare client",
                            "one at a time p50 farm",
                            "one at a time p99 bare client",
                            "map rate farm",
                            "map rate bare JSON chunks",
                            "map rate bare packed chunks",
                            "update_value rate farm",
                            "update_value rate pipelined INCR");
            assertThat(report.rows()).allSatisfy(row -> {
                assertThat(row.rounds()).isEqualTo(5);
                assertThat(row.least()).isPositive().isLessThanOrEqualTo(row.median());
                assertThat(row.greatest()).isGreaterThanOrEqualTo(row.median());
            });
            assertThat(Json.read(Json.strictText(report.fields())))
                    .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                    .containsKeys("java", "cores", "load", "processes", "results");
            assertThat(report.lines()).hasSize(report.rows().size() + 1);
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("unbatched, 4000, round 5");
    }

    @Test
    void aRatioIsOneWhereTheFarmIsAsFastAndLessWhereItIsSlower() {
        var rate = new Work("map", "/s", true, List.of("rate"), Map.of());
        var time = new Work("one", "ms", false, List.of("p50"), Map.of());

        assertThat(Report.Row.of(rate, 0, "bare", new double[] {30, 10, 20}, 5.0))
                .extracting(Report.Row::median, Report.Row::least, Report.Row::greatest, Report.Row::farm)
                .containsExactly(20.0, 10.0, 30.0, 0.25);
        assertThat(Report.Row.of(time, 0, "bare", new double[] {1, 2}, 6.0))
                .extracting(Report.Row::median, Report.Row::farm)
                .containsExactly(1.5, 0.25);
    }
}

package dev.workerfarm.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogLineTest {
    private static final String TIME = "\\d\\d:\\d\\d:\\d\\d\\.\\d{3} ";

    @Test
    void isTimeLevelShortLoggerAndText() {
        assertThat(line("dev.workerfarm.worker.lane.LaneWorker", Level.INFO, null))
                .matches(TIME + "INFO  LaneWorker ready queues=2" + System.lineSeparator());
        assertThat(line("main", Level.ERROR, null))
                .matches(TIME + "ERROR main ready queues=2" + System.lineSeparator());
    }

    @Test
    void aStackTraceComesBelowWithItsCauses() {
        var thrown = new IllegalStateException("outer", new IOException("inner"));
        assertThat(line("a.B", Level.WARN, thrown))
                .matches("(?s)" + TIME + "WARN  B ready queues=2\\R"
                        + "java.lang.IllegalStateException: outer\\R\tat .*LogLineTest.*"
                        + "Caused by: java.io.IOException: inner\\R.*\\R");
    }

    @Test
    void aStrangersTextIsNoLineOfItsOwn() {
        assertThat(line("a.B", Level.WARN, null, "x\n12:00:00.000 ERROR y\r\u001b[2J\u0085é"))
                .matches(TIME
                        + "WARN  B ready queues=x\\\\u000a12:00:00.000 ERROR y\\\\u000d\\\\u001b\\[2J\\\\u0085é\\R");
    }

    @Test
    void aLongMessageAndALongStackTraceAreCut() {
        var line = line("a.B", Level.WARN, new IllegalStateException("y".repeat(100_000)), "x".repeat(100_000));
        assertThat(line.lines().findFirst().orElseThrow())
                .hasSizeLessThan(9_000)
                .endsWith(" characters)");
        assertThat(line.lines().skip(1).findFirst().orElseThrow())
                .startsWith("java.lang.IllegalStateException: yyy")
                .hasSizeLessThan(17_000)
                .contains(" ... (cut, ");
        assertThat(line("a.B", Level.WARN, null, "\u001b".repeat(100_000))).hasSizeLessThan(9_000);
    }

    private static String line(String logger, Level level, @Nullable Throwable thrown) {
        return line(logger, level, thrown, 2);
    }

    private static String line(String logger, Level level, @Nullable Throwable thrown, Object queues) {
        var context = new LoggerContext();
        var layout = new LogLine();
        layout.setContext(context);
        layout.start();
        return layout.doLayout(new LoggingEvent(
                LogLineTest.class.getName(), context.getLogger(logger), level, "ready queues={}", thrown, new Object[] {
                    queues
                }));
    }
}

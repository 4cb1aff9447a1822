package dev.workerfarm.cli.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;

/**
 * A log event as a line for people: {@code 12:00:00.000 INFO  LaneWorker ready worker=...}, then its stack trace. In the
 * place of Logback's pattern, whose seventy classes every process loaded before its first line.
 */
final class LogLine extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    @Override
    public String doLayout(ILoggingEvent event) {
        var line = new StringBuilder(128);
        TIME.formatTo(event.getInstant(), line);
        var level = event.getLevel().toString();
        line.append(' ').append(level).append(" ".repeat(Math.max(0, 5 - level.length())));
        var logger = event.getLoggerName();
        line.append(' ').append(logger, logger.lastIndexOf('.') + 1, logger.length());
        appendShown(event.getFormattedMessage(), line.append(' '));
        line.append(System.lineSeparator());
        if (event.getThrowableProxy() != null) {
            line.append(ThrowableProxyUtil.asString(event.getThrowableProxy())).append(System.lineSeparator());
        }
        return line.toString();
    }

    /** A stranger's id may hold line ends and a terminal's control sequences: it shall not look like a line of ours. */
    private static void appendShown(String text, StringBuilder line) {
        for (int i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (Character.isISOControl(c)) {
                line.append("\\u").append(HexFormat.of().toHexDigits(c));
            } else {
                line.append(c);
            }
        }
    }
}

package dev.workerfarm.cli.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;

/**
 * A log event as a line for people: {@code 12:00:00.000 INFO  LaneWorker ready worker=...}, then its stack trace, both cut.
 * Used instead of Logback's pattern, whose seventy classes every process loaded before its first line.
 */
final class LogLine extends LayoutBase<ILoggingEvent> {
    private static final int MAX_MESSAGE_CHARS = 8 * 1024;
    private static final int MAX_STACK_CHARS = 16 * 1024;
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
            var stack = ThrowableProxyUtil.asString(event.getThrowableProxy());
            line.append(stack, 0, Math.min(stack.length(), MAX_STACK_CHARS));
            appendMark(stack.length() - MAX_STACK_CHARS, line);
            line.append(System.lineSeparator());
        }
        return line.toString();
    }

    private static void appendMark(int cutChars, StringBuilder line) {
        if (cutChars > 0) {
            line.append(" ... (cut, ").append(cutChars).append(" characters)");
        }
    }

    /** A message may contain a task's id with line ends and control sequences: it must not look like another log line. */
    private static void appendShown(String text, StringBuilder line) {
        var end = line.length() + MAX_MESSAGE_CHARS;
        for (int i = 0; i < text.length(); i++) {
            if (line.length() >= end) {
                appendMark(text.length() - i, line);
                return;
            }
            var c = text.charAt(i);
            if (Character.isISOControl(c)) {
                line.append("\\u").append(HexFormat.of().toHexDigits(c));
            } else {
                line.append(c);
            }
        }
    }
}

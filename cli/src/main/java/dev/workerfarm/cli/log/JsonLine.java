package dev.workerfarm.cli.log;

import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A log event as one line of valid JSON below 64 KiB; of a larger one, the beginnings of its texts and stack traces. */
final class JsonLine extends JsonEncoder {
    static final int MAX_BYTES = 60 * 1024;
    private static final int MAX_MESSAGE_CHARS = 8 * 1024;
    private static final int MAX_NAME_CHARS = 200;
    private static final int MAX_MDC_ENTRIES = 10;

    /** How much is kept of an event that is too large, and how much if it still is then. */
    private static final List<Size> SIZES =
            List.of(new Size(MAX_MESSAGE_CHARS, 100, 5), new Size(1_024, 20, 2), new Size(200, 0, 0));

    private record Size(int messageChars, int frames, int causes) {}

    JsonLine() {
        setWithSequenceNumber(false);
        setWithFormattedMessage(true);
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        var message = event.getFormattedMessage();
        if (message == null || message.length() <= MAX_MESSAGE_CHARS) {
            var line = super.encode(event);
            if (line.length <= MAX_BYTES) {
                return line;
            }
        }
        for (var size : SIZES) {
            var line = super.encode(cut(event, size));
            if (line.length <= MAX_BYTES) {
                return line;
            }
        }
        throw new IllegalStateException("a log event cannot be cut to " + MAX_BYTES + " bytes");
    }

    private static ILoggingEvent cut(ILoggingEvent event, Size size) {
        var thrown = event.getThrowableProxy();
        var kept = thrown == null ? null : new CutThrowable(thrown, size, size.causes);
        var cut = new LoggingEvent() {
            @Override
            public @Nullable IThrowableProxy getThrowableProxy() {
                return kept;
            }
        };
        cut.setInstant(event.getInstant());
        cut.setLevel(event.getLevel());
        cut.setThreadName(cut(event.getThreadName(), MAX_NAME_CHARS));
        cut.setLoggerName(cut(event.getLoggerName(), MAX_NAME_CHARS));
        cut.setLoggerContextRemoteView(event.getLoggerContextVO());
        cut.setMDCPropertyMap(cut(event.getMDCPropertyMap()));
        cut.setMessage(cut(event.getFormattedMessage(), size.messageChars));
        return cut;
    }

    private static String cut(@Nullable String text, int maxChars) {
        return text == null || text.length() <= maxChars
                ? String.valueOf(text)
                : text.substring(0, maxChars) + " ... (cut, " + (text.length() - maxChars) + " characters)";
    }

    private static Map<String, String> cut(Map<String, String> mdc) {
        Map<String, String> kept = new HashMap<>();
        mdc.entrySet().stream()
                .limit(MAX_MDC_ENTRIES)
                .forEach(entry -> kept.put(cut(entry.getKey(), MAX_NAME_CHARS), cut(entry.getValue(), MAX_NAME_CHARS)));
        return kept;
    }

    private record CutThrowable(IThrowableProxy thrown, Size size, int causes) implements IThrowableProxy {
        @Override
        public String getMessage() {
            return cut(thrown.getMessage(), size.messageChars);
        }

        @Override
        public String getClassName() {
            return cut(thrown.getClassName(), MAX_NAME_CHARS);
        }

        @Override
        public StackTraceElementProxy[] getStackTraceElementProxyArray() {
            var frames = thrown.getStackTraceElementProxyArray();
            return Arrays.copyOf(frames, Math.min(frames.length, size.frames));
        }

        @Override
        public int getCommonFrames() {
            return 0;
        }

        @Override
        public @Nullable IThrowableProxy getCause() {
            var cause = thrown.getCause();
            return cause == null || causes == 0 ? null : new CutThrowable(cause, size, causes - 1);
        }

        @Override
        public IThrowableProxy[] getSuppressed() {
            return new IThrowableProxy[0];
        }

        @Override
        public boolean isCyclic() {
            return thrown.isCyclic();
        }
    }
}

package dev.workerfarm.wire.context;

import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** A place in a distributed trace (W3C, "Trace Context"): on a thread in SLF4J's MDC, in messages in headers. */
public record TraceContext(String parent, @Nullable String state) {
    public static final String PARENT = "traceparent"; // the name of the header, and in the MDC
    private static final String STATE = "tracestate";
    private static final Pattern STATE_FORM = Pattern.compile("[ -~]{0,512}"); // its reader checks the list's members
    private static final String IDS = "-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"; // and the flags
    /** Later versions than 00 may say more behind; there is no version ff. */
    private static final Pattern PARENT_FORM =
            Pattern.compile("00" + IDS + "|(?!00|ff)[0-9a-f]{2}" + IDS + "(-[!-~]{0,200})?");

    /** That of this thread; null if it has none. */
    public static @Nullable TraceContext current() {
        return of(MDC.get(PARENT), MDC.get(STATE));
    }

    /** That of a message with these headers; null if it has none. */
    public static @Nullable TraceContext of(Map<String, ? extends @Nullable Object> headers) {
        return of(headers.get(PARENT), headers.get(STATE));
    }

    /** Makes it that of this thread. */
    public void enter() {
        headers().forEach(MDC::put);
    }

    public Map<String, String> headers() {
        return state == null ? Map.of(PARENT, parent) : Map.of(PARENT, parent, STATE, state);
    }

    private static @Nullable TraceContext of(@Nullable Object parent, @Nullable Object state) {
        if (!(parent instanceof String text) || !PARENT_FORM.matcher(text).matches()) {
            return null;
        }
        return new TraceContext(
                text, state instanceof String list && STATE_FORM.matcher(list).matches() ? list : null);
    }
}

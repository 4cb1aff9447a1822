package dev.workerfarm.cli.output;

import dev.workerfarm.json.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Prints results on standard output and failures on standard error, as JSON both on the former. Buffers; one thread. */
public final class ResultPrinter {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Console console;
    private final CommonOptions options;
    private final Function<@Nullable Object, String> text;
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(2 * BUFFER_BYTES);
    private Runnable beforeOutput = () -> {};

    /** @param text how a value is shown where JSON was not asked for */
    public ResultPrinter(Console console, CommonOptions options, Function<@Nullable Object, String> text) {
        this.console = console;
        this.options = options;
        this.text = text;
    }

    /** Has something done before each output, such as taking a progress bar off the line. */
    public void beforeOutput(Runnable action) {
        beforeOutput = action;
    }

    public void succeeded(long index, String id, @Nullable Object value) {
        if (options.json) {
            line(Json.strictText(new Succeeded(index, id, true, value)));
        } else {
            line(text.apply(value));
        }
    }

    /** A task failed: {@code plain} says so where JSON was not asked for; the stack is shown only with {@code --verbose}. */
    public void failed(long index, String id, String type, String message, String plain, @Nullable String stack) {
        if (options.json) {
            line(Json.strictText(new Failed(index, id, false, new Cause(type, message))));
        } else {
            flush(); // in the order of the items, where both streams are one terminal
            beforeOutput.run();
            console.say(plain);
        }
        if (options.verbose && stack != null) {
            console.err().println(stack.stripTrailing());
        }
    }

    public void published(long index, String id) {
        line(options.json ? Json.strictText(new Published(index, id)) : id);
    }

    /** A line of its own. */
    public void line(String line) {
        buffer.writeBytes(line.getBytes(StandardCharsets.UTF_8));
        buffer.write('\n');
        if (buffer.size() >= BUFFER_BYTES) {
            flush();
        }
    }

    /** Writes what is still buffered; throws OutputClosedException if nobody reads it. */
    public void flush() {
        if (buffer.size() > 0) {
            beforeOutput.run();
            var text = buffer.toByteArray();
            buffer.reset();
            console.write(text);
        }
    }

    // The lines of JSON, whose fields keep this order.
    private record Published(long index, String id) {}

    private record Succeeded(
            long index, String id, boolean ok, @Nullable Object value) {}

    private record Failed(long index, String id, boolean ok, Cause error) {}

    private record Cause(String type, String message) {}
}

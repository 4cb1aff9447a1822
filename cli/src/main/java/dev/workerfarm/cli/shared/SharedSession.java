package dev.workerfarm.cli.shared;

import dev.workerfarm.cli.output.CommonOptions;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ResultPrinter;
import dev.workerfarm.json.Json;
import dev.workerfarm.redis.RedisSharedState;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shared state for a command that works on Redis alone, and how its numbers are printed. */
final class SharedSession implements AutoCloseable {
    private final Console console;
    private final boolean json;
    private final RedisSharedState state;

    private SharedSession(Console console, boolean json, RedisSharedState state) {
        this.console = console;
        this.json = json;
        this.state = state;
    }

    /**
     * Connects on the first operation.
     *
     * @param json whether results are printed as JSON
     * @throws IllegalArgumentException if a variable is wrong, or the timeout less than 1 ms
     */
    static SharedSession open(Console console, boolean json, Duration timeout) {
        var state = RedisSharedState.open(console.redis(), console.names().namespace(), timeout);
        return new SharedSession(console, json, state);
    }

    RedisSharedState state() {
        return state;
    }

    /** Prints a number, each number of a list on a line, or nothing for null; as JSON one line with what it is. */
    void print(@Nullable Object result) {
        var printer = new ResultPrinter(console, new CommonOptions(), Json::text);
        if (json) {
            printer.line(Json.text(result));
        } else if (result instanceof List<?> numbers) {
            numbers.forEach(number -> printer.line(Json.text(number)));
        } else if (result != null) {
            printer.line(Json.text(result));
        }
        printer.flush();
    }

    @Override
    public void close() {
        state.close();
    }
}

package dev.workerfarm.producer;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.message.Json;
import dev.workerfarm.shared.RedisSharedState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shared state for a command that works on Redis alone, and how its numbers are printed. */
final class SharedSession implements AutoCloseable {
    private final Console console;
    private final CommonOptions options;
    private final RedisSharedState state;

    private SharedSession(Console console, CommonOptions options, RedisSharedState state) {
        this.console = console;
        this.options = options;
        this.state = state;
    }

    /** @throws IllegalArgumentException if a variable is wrong, or a flag was given that means nothing here */
    static SharedSession open(Console console, CommonOptions options) {
        if (options.detach || options.queue != null) {
            throw new IllegalArgumentException(
                    "values and arrays are in Redis: --detach and --queue mean nothing here");
        }
        var environment = console.environment();
        var address = RedisAddress.from(environment);
        var names = new QueueNames(environment.getOrDefault("FARM_NAMESPACE", QueueNames.DEFAULT_NAMESPACE));
        return new SharedSession(console, options, RedisSharedState.open(address, names.namespace()));
    }

    RedisSharedState state() {
        return state;
    }

    /** Prints a number, each number of a list on a line, or nothing for null; as JSON one line with what it is. */
    void print(@Nullable Object result) {
        var printer = new ResultPrinter(console, options, Json::text);
        if (options.json) {
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

package dev.workerfarm.producer;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.message.Json;
import dev.workerfarm.shared.RedisSharedState;
import java.util.List;

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
        RedisAddress address;
        try {
            address = RedisAddress.parse(environment.getOrDefault(RedisAddress.VARIABLE, RedisAddress.DEFAULT_URL));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(RedisAddress.VARIABLE + ": " + e.getMessage(), e);
        }
        var names = new QueueNames(environment.getOrDefault("FARM_NAMESPACE", QueueNames.DEFAULT_NAMESPACE));
        return new SharedSession(console, options, RedisSharedState.open(address, names.namespace()));
    }

    RedisSharedState state() {
        return state;
    }

    void print(Number number) {
        var printer = new ResultPrinter(console, options, Json::text);
        printer.line(Json.text(number));
        printer.flush();
    }

    /** One number a line, or one JSON array. */
    void print(List<Number> numbers) {
        var printer = new ResultPrinter(console, options, Json::text);
        if (options.json) {
            printer.line(Json.text(numbers));
        } else {
            numbers.forEach(number -> printer.line(Json.text(number)));
        }
        printer.flush();
    }

    @Override
    public void close() {
        state.close();
    }
}

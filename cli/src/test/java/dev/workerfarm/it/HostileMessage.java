package dev.workerfarm.it;

import static dev.workerfarm.testkit.TestFarm.bytes;

import com.rabbitmq.client.AMQP;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A message that is made worse, step by step: a good call of {@code square} at first. Belongs to one thread. */
final class HostileMessage {
    private final AMQP.BasicProperties.Builder properties =
            new AMQP.BasicProperties.Builder().contentType("application/json").contentEncoding("utf-8");
    private @Nullable Map<String, Object> headers = new HashMap<>();
    byte[] body = bytes("[[7], {}, {}]");
    boolean brokenText;
    boolean answerable = true;

    HostileMessage properties(Consumer<AMQP.BasicProperties.Builder> change) {
        change.accept(properties);
        return this;
    }

    HostileMessage header(String name, @Nullable Object value) {
        Objects.requireNonNull(headers).put(name, value);
        return this;
    }

    HostileMessage without(String header) {
        Objects.requireNonNull(headers).remove(header);
        return this;
    }

    HostileMessage bare() {
        headers = null;
        return this;
    }

    HostileMessage task(String task) {
        return header("task", task);
    }

    HostileMessage body(String text) {
        return body(bytes(text));
    }

    HostileMessage body(byte[] bytes) {
        body = bytes;
        return this;
    }

    /** Its runs of {@code ~} go over the wire as bytes that are no UTF-8. */
    HostileMessage inBrokenText() {
        brokenText = true;
        return this;
    }

    /** It does not say whom to answer, or in words that cannot be carried back. */
    HostileMessage mute() {
        answerable = false;
        return this;
    }

    AMQP.BasicProperties built() {
        return properties.headers(headers).build();
    }
}

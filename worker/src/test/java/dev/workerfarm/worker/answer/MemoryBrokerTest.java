package dev.workerfarm.worker.answer;

import dev.workerfarm.worker.delivery.TaskConnection;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;

class MemoryBrokerTest extends TransportContract {
    private final MemoryBroker broker = new MemoryBroker();

    @AfterEach
    void close() {
        broker.close();
    }

    @Override
    Outbox.Publisher publisher() {
        return broker;
    }

    @Override
    TaskConnection connect() throws IOException {
        var connection = broker.connect(queue);
        connection.declare();
        return connection;
    }

    @Override
    void lose(TaskConnection connection) {
        ((MemoryBroker.MemoryConnection) connection).lose();
    }
}

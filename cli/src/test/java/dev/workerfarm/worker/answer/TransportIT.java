package dev.workerfarm.worker.answer;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.worker.delivery.BrokerTaskConnection;
import dev.workerfarm.worker.delivery.TaskConnection;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;

/** The transport's contract on a real broker. */
class TransportIT extends TransportContract {
    private final BrokerAddress address = BrokerAddress.parse(Services.shared().amqpUrl());
    private final Topology topology = new Topology(new QueueNames(queue), List.of(queue));
    private final ConfirmedPublisher publisher =
            new ConfirmedPublisher(address, "transport publishing", topology, 16, fault -> {});
    private final Map<TaskConnection, SupervisedConnection> connections = new HashMap<>();

    @AfterEach
    void close() {
        connections.values().forEach(SupervisedConnection::close);
        publisher.close();
        try (var cleaning = SupervisedConnection.open(address, "transport cleaning", connection -> {
            var channel = connection.openChannel();
            for (var each : List.of(queue, queue + ".tasks", queue + ".downloads", queue + ".dead")) {
                channel.queueDelete(each);
            }
            channel.exchangeDelete(queue + ".control");
        })) {
            Objects.requireNonNull(cleaning);
        }
    }

    @Override
    Outbox.Publisher publisher() {
        return Outbox.Publisher.of(publisher, queue -> queue);
    }

    @Override
    TaskConnection connect() throws IOException {
        var opened = new CompletableFuture<TaskConnection>();
        var supervised = SupervisedConnection.open(address, "transport consuming", connection -> {
            opened.complete(new BrokerTaskConnection(connection, topology));
        });
        var connection = opened.join();
        connection.declare();
        connections.put(connection, supervised);
        return connection;
    }

    @Override
    void lose(TaskConnection connection) {
        Objects.requireNonNull(connections.get(connection)).close();
    }
}

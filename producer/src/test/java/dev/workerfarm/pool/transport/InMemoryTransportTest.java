package dev.workerfarm.pool.transport;

import org.junit.jupiter.api.AfterEach;

class InMemoryTransportTest extends TransportContract {
    private final InMemoryBroker broker = new InMemoryBroker();

    @Override
    Broker broker() {
        return broker;
    }

    @Override
    Transport open(Transport.Listener listener) {
        return broker.apply(listener);
    }

    @AfterEach
    void stop() {
        broker.close();
    }
}

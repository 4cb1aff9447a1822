package dev.workerfarm.worker.download;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import okhttp3.Dns;

/** A name server that a stranger controls: it answers with whatever addresses the test says. */
record FakeDns(Map<String, List<String>> addresses) implements Dns {
    @Override
    public List<InetAddress> lookup(String host) throws UnknownHostException {
        List<String> known = addresses.get(host);
        if (known == null) {
            throw new UnknownHostException(host);
        }
        List<InetAddress> result = new ArrayList<>();
        for (String address : known) {
            result.add(InetAddress.getByName(address));
        }
        return result;
    }
}

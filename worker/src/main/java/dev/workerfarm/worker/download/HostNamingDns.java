package dev.workerfarm.worker.download;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Dns;

/**
 * Writes on each address the host that was asked for, so that the {@link AddressGuard} knows, at the connection, which
 * URL host it is made for. OkHttp connects on threads of its own and passes nothing else along.
 */
record HostNamingDns(Dns dns) implements Dns {
    @Override
    public List<InetAddress> lookup(String host) throws UnknownHostException {
        List<InetAddress> named = new ArrayList<>();
        for (InetAddress address : dns.lookup(host)) {
            named.add(InetAddress.getByAddress(host, address.getAddress()));
        }
        return named;
    }
}

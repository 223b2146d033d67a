"""The bundle: what an endpoint is made from, verified before anything is believed."""

-- A meter's card asks for all of its stays; the list of readings for those of a site, newest first.

create index installation_meter on installation (meter_id, installed_on);

-- A meter's card asks for all of its stays, the list of meters for their serials in order, the record of changes for one kind of them.

create index installation_meter on installation (meter_id, installed_on);
create index meter_serial on meter (serial, id);
create index audit_action on audit (action, id);
